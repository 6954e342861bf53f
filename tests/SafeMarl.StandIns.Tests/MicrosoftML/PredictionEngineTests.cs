using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class PredictionEngineTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void Predict_OneObject_GivesWhatTheModelMakesOfIt()
    {
        using PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(PolicySample.Fit(_ml));

        ActionRow first = engine.Predict(new AgentRow { AgentId = "agent-1", Observation = [0.25f, 1] });
        ActionRow second = engine.Predict(new AgentRow { AgentId = "agent-0", Observation = [7] });

        Assert.That(first.Action, Is.EqualTo(new[] { 0.25f, 10, 1 }));
        Assert.That(second.Action, Is.EqualTo(new[] { 7f, 1, 2 }), "the engine is one cursor: its state lives on");
        Assert.That(first.Text.ToString(), Is.EqualTo("parameters"));
        Assert.That(engine.OutputSchema.Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation", "Action", "Parameters" }));
    }

    [Test]
    public void Predict_EqualKeys_HandsOutTheStoredTextItself()
    {
        using PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(PolicySample.Fit(_ml));
        var row = new AgentRow { AgentId = "agent-1", Observation = [1] };

        ReadOnlyMemory<char> first = engine.Predict(row).Text;
        ReadOnlyMemory<char> second = engine.Predict(row).Text;

        Assert.That(first, Is.EqualTo(second), "same object, start and length");
        Assert.That(MemoryMarshal.TryGetString(first, out string? owner, out _, out _), Is.True);
        Assert.That(owner, Is.SameAs(PolicySample.Parameters["agent-1"]));
    }

    [Test]
    public void Predict_IntoAnObject_AllocatesNothing()
    {
        using PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(PolicySample.Fit(_ml));
        AgentRow[] rows = [new() { AgentId = "agent-0", Observation = [1, 2, 3] }, new() { AgentId = "agent-1", Observation = [4, 5, 6] }];
        var prediction = new ActionRow();
        for (int i = 0; i < 100; i++)
            engine.Predict(rows[i % 2], ref prediction);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1_000; i++)
            engine.Predict(rows[i % 2], ref prediction);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(allocated, Is.Zero);
        Assert.That(prediction.Action, Is.EqualTo(new[] { 4f, 10, 1_100 }));
    }

    [Test]
    public void Predict_EveryKindOfMember_PassesThrough()
    {
        using PredictionEngine<Person, Person> engine = _ml.Model.CreatePredictionEngine<Person, Person>(new TransformerChain<ITransformer>());
        foreach (Person person in Person.Sample())
        {
            Person copy = engine.Predict(person);

            Assert.That((copy.Name, copy.Age, copy.IsTall, copy.Id), Is.EqualTo((person.Name, person.Age, person.IsTall, person.Id)));
            Assert.That(copy.Position, Is.EqualTo(person.Position));
            Assert.That(copy.Weights.DenseValues(), Is.EqualTo(person.Weights.DenseValues()));
            Assert.That(copy.Note, Is.EqualTo(person.Note));
        }
    }

    [Test]
    public void Predict_NullMembers_AreEmpty()
    {
        using PredictionEngine<Person, Person> engine = _ml.Model.CreatePredictionEngine<Person, Person>(new TransformerChain<ITransformer>());

        Person copy = engine.Predict(new Person());

        Assert.That((copy.Name, copy.Position!.Length, copy.Weights.Length), Is.EqualTo(("", 0, 0)));
        Assert.That(() => engine.Predict(null!), Throws.ArgumentNullException);
    }

    [Test]
    public void Create_APredictionWithoutItsColumn_IsIgnoredOrNamed()
    {
        ITransformer model = new TransformerChain<ITransformer>();

        Assert.That(() => _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(model, ignoreMissingColumns: false),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Action"));
        using PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(model);
        Assert.That(engine.Predict(new AgentRow()).Action, Is.Null);
    }

    [Test]
    public void Create_AnInputWithoutAColumnOfTheModel_NamesIt() =>
        Assert.That(() => _ml.Model.CreatePredictionEngine<Person, ActionRow>(PolicySample.Fit(_ml)),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Observation"));

    [Test]
    public void Create_WithAnInputSchema_TakesTheAnnotationsAndMissesNoColumn()
    {
        var schema = new DataViewSchema.Builder();
        schema.AddColumns(new GeneratedDataView().Schema.Where(c => c.Name != "Reward"));
        ITransformer model = PolicySample.Fit(_ml);

        using PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(model, schema.ToSchema());

        Assert.That(engine.Predict(new AgentRow { AgentId = "agent-0", Observation = [3] }).Action, Is.EqualTo(new[] { 3f, 1, 1 }));
        Assert.That(engine.OutputSchema["Observation"].Annotations.Schema.Count, Is.EqualTo(1));
        Assert.That(() => _ml.Model.CreatePredictionEngine<AgentRow, Person>(model, schema.ToSchema()),
            Throws.InstanceOf<ArgumentOutOfRangeException>(), "columns of the prediction are not ignored");
    }

    [Test]
    public void Create_WithDefinitions_RenamesAndSizesColumns()
    {
        var input = SchemaDefinition.Create(typeof(AgentRow));
        input["Observation"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        var output = SchemaDefinition.Create(typeof(ActionRow));
        output.RemoveAll(column => column.MemberName == nameof(ActionRow.Action));
        output["Parameters"].ColumnName = "AgentId";

        using PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(
            new TransformerChain<ITransformer>(), new PredictionEngineOptions { InputSchemaDefinition = input, OutputSchemaDefinition = output });

        Assert.That(engine.OutputSchema["Observation"].Type.ToString(), Is.EqualTo("Vector<Single, 2>"));
        Assert.That(engine.Predict(new AgentRow { AgentId = "x" }).Text.ToString(), Is.EqualTo("x"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Dispose_OfAnEngine_DisposesTheModelWhenItOwnsIt(bool owns)
    {
        var model = new DisposableTransformer();
        PredictionEngine<AgentRow, ActionRow> engine = _ml.Model.CreatePredictionEngine<AgentRow, ActionRow>(
            new TransformerChain<ITransformer>(model), new PredictionEngineOptions { OwnsTransformer = owns });

        engine.Dispose();

        Assert.That(model.IsDisposed, Is.EqualTo(owns));
    }

    private sealed class DisposableTransformer : ITransformer, IDisposable
    {
        private readonly ITransformer _inner = new TransformerChain<ITransformer>();

        public bool IsDisposed { get; private set; }

        public bool IsRowToRowMapper => true;

        public DataViewSchema GetOutputSchema(DataViewSchema inputSchema) => inputSchema;

        public IDataView Transform(IDataView input) => input;

        public IRowToRowMapper GetRowToRowMapper(DataViewSchema inputSchema) => _inner.GetRowToRowMapper(inputSchema);

        public void Save(ModelSaveContext ctx) => _inner.Save(ctx);

        public void Dispose() => IsDisposed = true;
    }
}
