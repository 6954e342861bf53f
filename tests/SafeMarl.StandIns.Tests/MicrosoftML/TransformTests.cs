using System.Runtime.InteropServices;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class TransformTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void CopyColumns_OverAnExistingName_HidesItRightBehindIt()
    {
        var view = new GeneratedDataView();

        var copy = _ml.Transforms.CopyColumns("AgentId", "Reward").Fit(view);
        DataViewSchema schema = copy.GetOutputSchema(view.Schema);

        Assert.That(schema.Select(c => (c.Name, c.IsHidden)), Is.EqualTo(new[] { ("AgentId", true), ("AgentId", false), ("Observation", false), ("Reward", false) }));
        Assert.That(schema["AgentId"].Type, Is.SameAs(NumberDataViewType.Single));
        Assert.That(_ml.Data.TakeRows(copy.Transform(view), 2).GetColumn<float>("AgentId"), Is.EqualTo(new[] { 0f, 2 }));
    }

    [Test]
    public void CopyColumns_OfAnAnnotatedColumn_KeepsTheAnnotations()
    {
        var view = new GeneratedDataView();

        IDataView copy = _ml.Transforms.CopyColumns("Features", "Observation").Fit(view).Transform(view);

        Assert.That(copy.Schema["Features"].HasSlotNames(), Is.True);
        Assert.That(copy.Schema["Features"].Index, Is.EqualTo(3));
    }

    [Test]
    public void DropColumns_HiddenOnesToo_LeavesTheRest()
    {
        var view = new GeneratedDataView();
        IDataView hidden = _ml.Transforms.CopyColumns("AgentId", "Reward").Fit(view).Transform(view);

        Assert.That(Names(_ml.Transforms.DropColumns("AgentId"), hidden), Is.EqualTo(new[] { "Observation", "Reward" }));
        Assert.That(Names(_ml.Transforms.DropColumns("Reward"), hidden), Is.EqualTo(new[] { "AgentId", "Observation" }), "a hidden column goes");
    }

    [Test]
    public void SelectColumns_InTheOrderGiven_KeepsHiddenOnesOnlyWhenAsked()
    {
        var view = new GeneratedDataView();
        IDataView hidden = _ml.Transforms.CopyColumns("AgentId", "Reward").Fit(view).Transform(view);

        Assert.That(Names(_ml.Transforms.SelectColumns("Reward", "AgentId"), hidden), Is.EqualTo(new[] { "Reward", "AgentId" }));
        Assert.That(Names(_ml.Transforms.SelectColumns(["AgentId"], keepHidden: true), hidden), Is.EqualTo(new[] { "AgentId", "AgentId" }));
    }

    [Test]
    public void MapValue_KnownAndUnknownKeys_GivesTheValueOrNothing()
    {
        IDataView view = Agents("b", "nobody", "a", "");

        string[] mapped = [.. Map("Out", new() { ["a"] = "first", ["b"] = "second" }, view).GetColumn<string>("Out")];

        Assert.That(mapped, Is.EqualTo(new[] { "second", "", "first", "" }));
    }

    [Test]
    public void MapValue_EqualKeys_GiveTheSameStringInstance()
    {
        string stored = string.Concat("par", "ameters");
        IDataView view = Agents("a", new string("a".AsSpan()), "a");

        ReadOnlyMemory<char>[] mapped = [.. Map("Out", new() { ["a"] = stored }, view).GetColumn<ReadOnlyMemory<char>>("Out")];

        foreach (ReadOnlyMemory<char> text in mapped)
        {
            Assert.That(MemoryMarshal.TryGetString(text, out string? owner, out int start, out int length), Is.True);
            Assert.That(owner, Is.SameAs(stored));
            Assert.That((start, length), Is.EqualTo((0, stored.Length)));
        }
    }

    [Test]
    public void MapValue_OtherTypes_AreMappedWithTheirMissingValues()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(new[] { new { Key = 1L }, new { Key = 5L } });
        var numbers = _ml.Transforms.Conversion.MapValue("Out", new Dictionary<long, float> { [1] = 0.5f }, "Key");
        var flags = _ml.Transforms.Conversion.MapValue("Key", new Dictionary<long, bool> { [5] = true });

        Assert.That(numbers.Fit(view).Transform(view).GetColumn<float>("Out"), Is.EqualTo(new[] { 0.5f, float.NaN }));
        Assert.That(flags.Fit(view).Transform(view).GetColumn<bool>("Key"), Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public void MapValue_AKeyTwice_IsRefused() =>
        Assert.That(() => _ml.Transforms.Conversion.MapValue("Out", [KeyValuePair.Create("a", 1), KeyValuePair.Create("a", 2)], "AgentId"),
            Throws.InvalidOperationException.With.Message.Contains("'a'"));

    [Test]
    public void Estimators_MissingColumn_NameItInShapesAndSchemas()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(new[] { new { Other = 1 } });
        IEstimator<ITransformer>[] estimators =
        [
            _ml.Transforms.CopyColumns("Out", "AgentId"),
            _ml.Transforms.DropColumns("AgentId"),
            _ml.Transforms.SelectColumns("AgentId"),
            _ml.Transforms.Conversion.MapValue("Out", PolicySample.Parameters, "AgentId"),
            _ml.Transforms.CustomMapping<AgentRow, ActionRow>(static (_, _) => { }, "c"),
        ];

        foreach (IEstimator<ITransformer> estimator in estimators)
        {
            Assert.That(() => estimator.Fit(view), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("AgentId"), estimator.GetType().Name);
            Assert.That(() => new EstimatorChain<ITransformer>().Append(estimator).Fit(view),
                Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("AgentId").And.Message.Contains("inputSchema"), estimator.GetType().Name);
        }
    }

    [Test]
    public void Estimators_MistypedColumn_NameItAndBothTypes()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(new[] { new { AgentId = 1, Observation = 2f } });
        var map = _ml.Transforms.Conversion.MapValue("Out", PolicySample.Parameters, "AgentId");
        var custom = _ml.Transforms.CustomMapping<PolicyInput, ActionRow>(static (_, _) => { }, "c");
        var withText = new EstimatorChain<ITransformer>().Append(_ml.Transforms.CopyColumns("__Observation", "Observation"))
            .Append(_ml.Transforms.CopyColumns("__Parameters", "AgentId")).Append(custom);

        Assert.That(() => map.Fit(view),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'AgentId'").And.Message.Contains("String").And.Message.Contains("Int32"));
        Assert.That(() => new EstimatorChain<ITransformer>().Append(map).Fit(view), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'AgentId'"));
        Assert.That(() => withText.Fit(view), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'__Parameters'"));
    }

    [Test]
    public void Estimator_FixedVectorWhereAVariableOneIsExpected_IsAccepted()
    {
        SchemaShape shape = PolicySample.Pipeline(_ml).GetOutputSchema(ShapeOf(new GeneratedDataView()));

        Assert.That(shape.Select(c => c.Name), Is.EquivalentTo(new[] { "AgentId", "Observation", "Reward", "Action", "Parameters" }));
        SchemaShape.Column action = shape.Single(c => c.Name == "Action");
        Assert.That((action.Kind, action.ItemType, action.IsKey), Is.EqualTo((SchemaShape.Column.VectorKind.VariableVector, (DataViewType)NumberDataViewType.Single, false)));
    }

    [Test]
    public void Transform_NothingRead_MovesNothing()
    {
        var source = new GeneratedDataView();

        IDataView view = PolicySample.Fit(_ml).Transform(source);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);

        Assert.That(source.Moves, Is.Zero);
        Assert.That(view.GetRowCount(), Is.Null);
        Assert.That((cursor.MoveNext(), source.Moves), Is.EqualTo((true, 1L)));
    }

    [Test]
    public void Transform_SomeColumnsRead_AsksTheSourceForWhatTheyNeedOnly()
    {
        var policy = PolicySample.Fit(_ml);
        var forReward = new GeneratedDataView();
        var forParameters = new GeneratedDataView();
        var forAction = new GeneratedDataView();

        _ = _ml.Data.TakeRows(policy.Transform(forReward), 1).GetColumn<float>("Reward").ToArray();
        _ = _ml.Data.TakeRows(policy.Transform(forParameters), 1).GetColumn<string>("Parameters").ToArray();
        _ = _ml.Data.TakeRows(policy.Transform(forAction), 1).GetColumn<float[]>("Action").ToArray();

        Assert.That(forReward.Requested, Is.EqualTo(new[] { "Reward" }));
        Assert.That(forParameters.Requested, Is.EqualTo(new[] { "AgentId" }));
        Assert.That(forAction.Requested, Is.EqualTo(new[] { "AgentId", "Observation" }));
        Assert.That(forAction.Disposed, Is.EqualTo(1), "disposing the last cursor disposes the first");
    }

    [Test]
    public void CustomMapping_ReadTwiceInARow_MapsOnceAndCopiesOut()
    {
        int calls = 0;
        var source = new GeneratedDataView();
        IDataView view = _ml.Transforms.CustomMapping<AgentRow, ActionRow>((row, action) =>
        {
            calls++;
            action.Text = row.AgentId.AsMemory();
            action.Action = [row.Observation[0], calls];
        }, "c").Fit(source).Transform(source);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        ValueGetter<VBuffer<float>> get = cursor.GetGetter<VBuffer<float>>(view.Schema["Action"]);
        ValueGetter<ReadOnlyMemory<char>> text = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Parameters"]);
        VBuffer<float> first = default;
        VBuffer<float> second = default;
        ReadOnlyMemory<char> agent = default;

        cursor.MoveNext();
        get(ref first);
        get(ref first);
        text(ref agent);
        cursor.MoveNext();
        get(ref second);

        Assert.That(calls, Is.EqualTo(2));
        Assert.That(first.GetValues().ToArray(), Is.EqualTo(new[] { 0f, 1 }));
        Assert.That(second.GetValues().ToArray(), Is.EqualTo(new[] { 1f, 2 }));
        Assert.That(agent.ToString(), Is.EqualTo("agent-0"));
    }

    [Test]
    public void StatefulCustomMapping_EveryCursor_HasAStateOfItsOwn()
    {
        IDataView view = _ml.Data.TakeRows(PolicySample.Fit(_ml).Transform(new GeneratedDataView()), 3);

        for (int cursor = 0; cursor < 2; cursor++)
            Assert.That(view.GetColumn<float[]>("Action").Select(a => a[2]), Is.EqualTo(new[] { 1f, 2, 3 }));
    }

    [Test]
    public void StatefulCustomMapping_AnUnknownAgent_LetsTheMappingsErrorThrough()
    {
        IDataView view = _ml.Data.LoadFromEnumerable([new AgentRow { AgentId = "stranger", Observation = [1] }]);

        Assert.That(() => PolicySample.Fit(_ml).Transform(view).GetColumn<float[]>("Action").ToArray(),
            Throws.InvalidOperationException.With.Message.Contains("no policy"));
    }

    [Test]
    public void Cursors_OnSeveralThreads_SeeWhatOneSees()
    {
        const int Rows = 2_000;
        IDataView view = _ml.Data.TakeRows(PolicySample.Fit(_ml).Transform(new GeneratedDataView()), Rows);
        float[][] expected = [.. view.GetColumn<float[]>("Action")];
        var results = new float[4][][];

        Parallel.For(0, results.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i => results[i] = [.. view.GetColumn<float[]>("Action")]);

        Assert.That(expected, Has.Length.EqualTo(Rows));
        foreach (float[][] result in results)
            Assert.That(result, Is.EqualTo(expected));
    }

    [Test]
    public void GetRowCursorSet_OfATransformedView_ReadsTheRows()
    {
        IDataView view = _ml.Data.TakeRows(PolicySample.Fit(_ml).Transform(new GeneratedDataView()), 3);
        DataViewRowCursor[] cursors = view.GetRowCursorSet([view.Schema["Reward"]], 2);
        ValueGetter<float> get = cursors[0].GetGetter<float>(view.Schema["Reward"]);
        var rewards = new List<float>();
        float reward = 0;

        while (cursors[0].MoveNext())
        {
            get(ref reward);
            rewards.Add(reward);
        }

        Assert.That(cursors, Has.Length.EqualTo(1));
        Assert.That(rewards, Is.EqualTo(new[] { 0f, 2, 4 }));
    }

    [Test]
    public void RowToRowMapper_OfAChain_TracesDependenciesBack()
    {
        ITransformer policy = PolicySample.Fit(_ml);
        DataViewSchema input = new GeneratedDataView().Schema;

        IRowToRowMapper mapper = policy.GetRowToRowMapper(input);

        Assert.That(policy.IsRowToRowMapper, Is.True);
        Assert.That(mapper.InputSchema, Is.SameAs(input));
        Assert.That(mapper.GetDependencies([mapper.OutputSchema["Action"]]).Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation" }));
        Assert.That(mapper.GetDependencies([mapper.OutputSchema["Reward"]]).Select(c => c.Name), Is.EqualTo(new[] { "Reward" }));
        using DataViewRowCursor foreign = new GeneratedDataView().GetRowCursor([]);
        Assert.That(() => mapper.GetRow(foreign, []), Throws.ArgumentException, "a row of another schema object");
    }

    [Test]
    public void Append_OfTransformers_MakesAChainOfTheirParts()
    {
        var view = new GeneratedDataView();
        var first = _ml.Transforms.CopyColumns("A", "Reward").Fit(view);
        ITransformer second = _ml.Transforms.CopyColumns("B", "A").Fit(first.Transform(view));

        TransformerChain<ITransformer> chain = first.Append(second);
        TransformerChain<ITransformer> longer = chain.Append<ITransformer>(first);

        Assert.That(chain, Is.EqualTo(new[] { first, second }));
        Assert.That(chain.LastTransformer, Is.SameAs(second));
        Assert.That(longer, Is.EqualTo(new[] { first, second, first }));
        Assert.That(new TransformerChain<ITransformer>().LastTransformer, Is.Null);
        Assert.That(new TransformerChain<ITransformer>().Transform(view), Is.SameAs(view));
    }

    [Test]
    public void Append_OfEstimators_LearnsOneAfterTheOther()
    {
        var view = new GeneratedDataView();

        EstimatorChain<ColumnCopyingTransformer> chain = _ml.Transforms.CopyColumns("A", "Reward").Append(_ml.Transforms.CopyColumns("B", "A"));
        TransformerChain<ColumnCopyingTransformer> fitted = chain.Append(_ml.Transforms.CopyColumns("C", "B")).Fit(view);

        Assert.That(chain.LastEstimator, Is.InstanceOf<ColumnCopyingEstimator>());
        Assert.That(fitted.Count(), Is.EqualTo(3));
        Assert.That(fitted.GetOutputSchema(view.Schema).Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation", "Reward", "A", "B", "C" }));
    }

    [Test]
    public void Chain_WithScopes_AppliesThePartsOfTheScope()
    {
        var view = new GeneratedDataView();
        TransformerChain<ColumnCopyingTransformer> chain = new EstimatorChain<ITransformer>()
            .Append(_ml.Transforms.CopyColumns("A", "Reward"), TransformerScope.TrainTest)
            .Append(_ml.Transforms.CopyColumns("B", "Reward"), TransformerScope.Scoring).Fit(view);

        Assert.That(chain.Transform(view, TransformerScope.Scoring).Schema.Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation", "Reward", "B" }));
        Assert.That(chain.GetOutputSchema(view.Schema, TransformerScope.Testing).GetColumnOrNull("A"), Is.Not.Null);
    }

    private static IEnumerable<string> Names(ColumnSelectingEstimator estimator, IDataView view) => estimator.Fit(view).Transform(view).Schema.Select(c => c.Name);

    // The shape of a view, by way of the public API: the output of an estimator that adds nothing.
    private static SchemaShape ShapeOf(GeneratedDataView view)
    {
        var capture = new CapturingEstimator();
        new EstimatorChain<ITransformer>().Append(capture).Fit(view);
        return capture.Seen!;
    }

    private IDataView Agents(params string[] agents) => _ml.Data.LoadFromEnumerable(agents.Select(a => new AgentRow { AgentId = a }));

    private IDataView Map(string output, Dictionary<string, string> table, IDataView view) =>
        _ml.Transforms.Conversion.MapValue(output, table, "AgentId").Fit(view).Transform(view);

    private sealed class CapturingEstimator : IEstimator<ITransformer>
    {
        public SchemaShape? Seen { get; private set; }

        public ITransformer Fit(IDataView input) => new TransformerChain<ITransformer>();

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => Seen = inputSchema;
    }
}
