using Microsoft.ML;
using Microsoft.ML.Data;
using SafeMarl.Environments;
using SafeMarl.ML.Tests.Support;
using static SafeMarl.ML.Tests.Support.ToyEnvironment;

namespace SafeMarl.ML.Tests.Trainers;

public sealed class EnvironmentDataViewTests
{
    private readonly MLContext _mlContext = new(1);

    [Test]
    public void Schema_OfATask_HasTheColumnsThatItReports()
    {
        DataViewSchema boxes = View(Kind.SharedBoxes).Schema, masked = View(Kind.MaskedChoices).Schema, mixed = View(Kind.Mixed).Schema;

        Assert.Multiple(() =>
        {
            Assert.That(boxes.Select(c => c.Name), Is.EqualTo(new[] { "Episode", "Step", "AgentId", "Observation", "State", "Hidden", "Action", "JointAction", "Reward", "Cost", "Terminated", "Truncated" }));
            Assert.That(masked.Select(c => c.Name), Does.Contain("ActionMask"));
            Assert.That(mixed.Select(c => c.Name), Does.Contain("Deviation"));
            Assert.That(((VectorDataViewType)boxes["Observation"].Type).Size, Is.EqualTo(3));
            Assert.That(((VectorDataViewType)mixed["Observation"].Type).IsKnownSize, Is.False, "agents of different sizes");
            Assert.That(((VectorDataViewType)boxes["State"].Type).Size, Is.EqualTo(3));
            Assert.That(((VectorDataViewType)mixed["State"].Type).Size, Is.EqualTo(2 + 4 + 3), "all observations, where there is no state");
            Assert.That(((VectorDataViewType)mixed["JointAction"].Type).Size, Is.EqualTo(2 + 1 + 1));
        });
    }

    [Test]
    public void Rows_OfTheView_AreTheEpisodesOfARandomPolicy()
    {
        Row[] rows = [.. _mlContext.Data.CreateEnumerable<Row>(View(Kind.SharedBoxes, episodes: 3), reuseRowObject: false)];

        Assert.Multiple(() =>
        {
            Assert.That(rows, Has.Length.EqualTo(3 * 8 * 2), "episodes, steps, agents");
            Assert.That(rows.Select(r => r.Episode).Distinct(), Is.EqualTo(new long[] { 0, 1, 2 }));
            Assert.That(rows.Take(4).Select(r => (r.Step, r.AgentId)), Is.EqualTo(new[] { (0L, "left"), (0L, "right"), (1L, "left"), (1L, "right") }));
            Assert.That(rows.Where(r => r.Truncated).Select(r => r.Step), Is.EqualTo(Enumerable.Repeat(7L, 6)));
            Assert.That(rows.Where(r => r.Terminated), Is.Empty);
            Assert.That(rows.SelectMany(r => r.Action), Is.All.InRange(-1, 1));
            Assert.That(rows.Select(r => r.Cost.Length), Is.All.EqualTo(1));
            Assert.That(rows[0].Observation[1], Is.Zero, "what the agent saw before the step");
            Assert.That(rows[2].Observation[1], Is.EqualTo(1 / 8f));
        });
    }

    [Test]
    public void Rows_ReadTwice_AreTheSame()
    {
        IDataView view = View(Kind.Mixed);

        float[][] first = [.. view.GetColumn<float[]>("Observation")], second = [.. view.GetColumn<float[]>("Observation")];

        Assert.That(second, Is.EqualTo(first));
    }

    [Test]
    public void Rows_AreMadeWhileTheyAreRead()
    {
        int made = 0;
        IDataView endless = _mlContext.SafeMarl().LoadFromEnvironment(() => { made++; return new ToyEnvironment(Kind.SharedBoxes); }, episodes: int.MaxValue);
        Row[] rows = [.. _mlContext.Data.CreateEnumerable<Row>(_mlContext.Data.TakeRows(endless, 5), false)];

        Assert.Multiple(() =>
        {
            Assert.That(rows, Has.Length.EqualTo(5));
            Assert.That(endless.Preview(maxRows: 7).RowView, Has.Length.EqualTo(7));
            Assert.That(endless.GetRowCount(), Is.Null);
            Assert.That(made, Is.EqualTo(3), "one for the schema, one for each cursor");
        });
    }

    [Test]
    public void Cursor_Disposed_DisposesItsEnvironment()
    {
        var made = new List<DisposalEnvironment>();
        IDataView view = _mlContext.SafeMarl().LoadFromEnvironment(() => { made.Add(new DisposalEnvironment()); return made[^1]; });
        view.Preview(3);

        Assert.That(made.Select(e => e.IsDisposed), Is.All.True);
    }

    [Test]
    public void Getter_OfAnotherType_NamesTheColumnsType()
    {
        IDataView view = View(Kind.SharedBoxes);
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);

        Assert.That(() => cursor.GetGetter<double>(view.Schema["Reward"]), Throws.InvalidOperationException.With.Message.Contains("Reward"));
    }

    [Test]
    public void Getter_OfAnInactiveColumn_IsRefused()
    {
        IDataView view = View(Kind.SharedBoxes);
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Step"]]);

        Assert.That(() => cursor.GetGetter<float>(view.Schema["Reward"]), Throws.ArgumentException.With.Message.Contains("Reward"));
    }

    [Test]
    public void GetOutputSchema_OfATrainer_AddsTheAction()
    {
        SchemaShape input = SchemaOf(View(Kind.SharedBoxes));
        SchemaShape output = _mlContext.SafeMarl().Trainers.Mafocops(costLimit: 1).GetOutputSchema(input);

        Assert.That(output.Select(c => c.Name), Does.Contain("Action").And.Not.Contain("__Policy.Action"));
    }

    // ML.NET lets nobody outside make a shape; an estimator that changes nothing gives one.
    private SchemaShape SchemaOf(IDataView view)
    {
        SchemaShape? captured = null;
        var spy = new SpyEstimator(shape => captured = shape);
        new EstimatorChain<ITransformer>().Append(spy).Append(_mlContext.Transforms.CopyColumns("Copy", "Reward")).Fit(view);
        return captured ?? throw new InvalidOperationException("no shape was seen");
    }

    private IDataView View(Kind kind, int episodes = 10) => _mlContext.SafeMarl().LoadFromEnvironment(() => new ToyEnvironment(kind), episodes);

    private sealed class Row
    {
        public long Episode { get; set; }

        public long Step { get; set; }

        public string AgentId { get; set; } = "";

        public float[] Observation { get; set; } = [];

        public float[] Action { get; set; } = [];

        public float Reward { get; set; }

        public float[] Cost { get; set; } = [];

        public bool Terminated { get; set; }

        public bool Truncated { get; set; }
    }

    private sealed class SpyEstimator(Action<SchemaShape> see) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input) => new MLContext().Transforms.CopyColumns("Same", "Reward").Fit(input);

        public SchemaShape GetOutputSchema(SchemaShape inputSchema)
        {
            see(inputSchema);
            return inputSchema;
        }
    }

    private sealed class DisposalEnvironment : IMultiAgentEnvironment
    {
        private readonly ToyEnvironment _toy = new(Kind.SharedBoxes);

        public bool IsDisposed { get; private set; }

        public EnvironmentSpec Spec => _toy.Spec;

        public void Reset(long seed, StepBuffer step) => _toy.Reset(seed, step);

        public EpisodeStatus Step(ReadOnlySpan<float> jointAction, StepBuffer step) => _toy.Step(jointAction, step);

        public void Dispose() => IsDisposed = true;
    }
}
