using Microsoft.ML;
using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class DataViewTests
{
    private readonly MLContext _ml = new(seed: 1);

    [Test]
    public void LoadFromEnumerable_ARowClass_HasItsMembersAsColumns()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());

        Assert.That(view.Schema.Select(column => column.ToString()), Is.EquivalentTo(new[]
        {
            "Name: String", "Position: Vector<Single, 3>", "Weights: Vector<Double>", "IsTall: Boolean", "Note: String", "Years: Int32", "Id: Int64",
        }));
        Assert.That(view.GetRowCount(), Is.EqualTo(2));
        Assert.That(_ml.Data.LoadFromEnumerable(Person.Sample().Where(p => p.Age > 0)).GetRowCount(), Is.Null);
    }

    [Test]
    public void GetColumn_EveryKindOfColumn_GivesTheValues()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());

        Assert.That(view.GetColumn<string>("Name"), Is.EqualTo(new[] { "Ada", "Bo" }));
        Assert.That(view.GetColumn<ReadOnlyMemory<char>>("Note").Select(n => n.ToString()), Is.EqualTo(new[] { "first", "second" }));
        Assert.That(view.GetColumn<int>("Years"), Is.EqualTo(new[] { 36, 7 }));
        Assert.That(view.GetColumn<long>("Id"), Is.EqualTo(new[] { 1L << 40, -1 }));
        Assert.That(view.GetColumn<bool>("IsTall"), Is.EqualTo(new[] { true, false }));
        Assert.That(view.GetColumn<float[]>("Position"), Is.EqualTo(new[] { new[] { 1f, 2, 3 }, [4, 5, 6] }));
        Assert.That(view.GetColumn<double[]>("Weights"), Is.EqualTo(new[] { new[] { 0.5, 1.5 }, [0, 0, 2.5, 0] }));
        Assert.That(view.GetColumn<VBuffer<double>>(view.Schema["Weights"]).Select(w => w.IsDense), Is.EqualTo(new[] { true, false }));
    }

    [Test]
    public void GetColumn_OfAnotherTypeOrName_NamesTheColumn()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());

        Assert.That(() => view.GetColumn<float>("Years"), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Years"));
        Assert.That(() => view.GetColumn<int>("Weight"), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Weight"));
        Assert.That(() => view.GetColumn<int>(new GeneratedDataView().Schema["Reward"]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void CreateEnumerable_FromAView_FillsEveryMember()
    {
        Person[] original = Person.Sample();

        Person[] copy = [.. _ml.Data.CreateEnumerable<Person>(_ml.Data.LoadFromEnumerable(original), reuseRowObject: false)];

        Assert.That(copy, Has.Length.EqualTo(2));
        Assert.That(copy[0], Is.Not.SameAs(copy[1]));
        for (int i = 0; i < 2; i++)
        {
            Assert.That((copy[i].Name, copy[i].Age, copy[i].IsTall, copy[i].Id), Is.EqualTo((original[i].Name, original[i].Age, original[i].IsTall, original[i].Id)));
            Assert.That(copy[i].Position, Is.EqualTo(original[i].Position).And.Not.SameAs(original[i].Position));
            Assert.That(copy[i].Weights.DenseValues(), Is.EqualTo(original[i].Weights.DenseValues()));
            Assert.That(copy[i].Note.ToString(), Is.EqualTo(original[i].Note.ToString()));
        }
    }

    [Test]
    public void CreateEnumerable_WithReuse_GivesOneObjectAgainAndAgain()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());
        var seen = new List<(Person Row, float[]? Position, int Age)>();

        foreach (Person row in _ml.Data.CreateEnumerable<Person>(view, reuseRowObject: true))
            seen.Add((row, row.Position, row.Age));

        Assert.That(seen[0].Row, Is.SameAs(seen[1].Row));
        Assert.That(seen[0].Position, Is.SameAs(seen[1].Position), "an array of the right length is used again");
        Assert.That(seen.Select(s => s.Age), Is.EqualTo(new[] { 36, 7 }));
    }

    [Test]
    public void CreateEnumerable_MissingColumn_ThrowsUnlessIgnored()
    {
        IDataView view = _ml.Data.TakeRows(new GeneratedDataView(), 2);

        Assert.That(() => _ml.Data.CreateEnumerable<ActionRow>(view, false), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Action"));
        ActionRow[] rows = [.. _ml.Data.CreateEnumerable<ActionRow>(view, false, ignoreMissingColumns: true)];
        Assert.That(rows.Select(row => row.Action), Is.EqualTo(new float[]?[] { null, null }));
    }

    [Test]
    public void CreateEnumerable_ColumnOfAnotherType_NamesColumnAndMember()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(new[] { new { AgentId = 3, Observation = new float[1] } });

        Assert.That(() => _ml.Data.CreateEnumerable<AgentRow>(view, false),
            Throws.InvalidOperationException.With.Message.Contains("AgentId").And.Message.Contains("Int32"));
    }

    [Test]
    public void LoadFromEnumerable_WithASchemaDefinition_TakesNamesSizesAndAnnotationsFromIt()
    {
        var definition = SchemaDefinition.Create(typeof(AgentRow), SchemaDefinition.Direction.Read);
        definition["Observation"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, 2);
        definition["AgentId"].ColumnName = "Who";
        definition["Who"].AddAnnotation("Rank", 5, NumberDataViewType.Int32);

        IDataView view = _ml.Data.LoadFromEnumerable([new AgentRow { AgentId = "a", Observation = [1, 2] }], definition);
        int rank = 0;
        view.Schema["Who"].Annotations.GetValue("Rank", ref rank);

        Assert.That(view.Schema.Select(c => c.ToString()), Is.EqualTo(new[] { "Who: String {Rank}", "Observation: Vector<Single, 2>" }));
        Assert.That(rank, Is.EqualTo(5));
        Assert.That(view.GetColumn<string>("Who"), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public void LoadFromEnumerable_WithASchema_TakesTheAnnotationsFromIt()
    {
        DataViewSchema schema = new GeneratedDataView().Schema;
        var builder = new DataViewSchema.Builder();
        builder.AddColumns(schema.Where(c => c.Name != "Reward"));

        IDataView view = _ml.Data.LoadFromEnumerable([new AgentRow { AgentId = "a", Observation = [1] }], builder.ToSchema());

        Assert.That(view.Schema["Observation"].Annotations.Schema.Select(c => c.Name), Is.EqualTo(new[] { "SlotNames" }));
        Assert.That(() => _ml.Data.LoadFromEnumerable(new[] { new AgentRow() }, schema), Throws.InvalidOperationException.With.Message.Contains("Reward"));
    }

    [Test]
    public void LoadFromEnumerable_AMemberThatNoColumnStandsFor_NamesTheMember() =>
        Assert.That(() => _ml.Data.LoadFromEnumerable(new[] { new { When = DateTimeOffset.UnixEpoch } }),
            Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("When"));

    [Test]
    public void Cursor_OfAnInactiveColumnOrAnotherType_Throws()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());
        using DataViewRowCursor cursor = view.GetRowCursor([view.Schema["Years"]]);

        Assert.That(cursor.IsColumnActive(view.Schema["Years"]), Is.True);
        Assert.That(cursor.IsColumnActive(view.Schema["Id"]), Is.False);
        Assert.That(() => cursor.GetGetter<long>(view.Schema["Id"]), Throws.InstanceOf<ArgumentException>().With.Message.Contains("Id"));
        Assert.That(() => cursor.GetGetter<long>(view.Schema["Years"]), Throws.InvalidOperationException.With.Message.Contains("Years"));
    }

    [Test]
    public void Cursor_BeforeTheFirstAndAfterTheLastRow_HasNoPosition()
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());
        using DataViewRowCursor cursor = view.GetRowCursor(view.Schema);
        var positions = new List<long> { cursor.Position };

        while (cursor.MoveNext())
            positions.Add(cursor.Position);
        positions.Add(cursor.Position);

        Assert.That(positions, Is.EqualTo(new[] { -1L, 0, 1, -1 }));
        Assert.That(cursor.MoveNext(), Is.False);
    }

    [Test]
    public void TakeRows_OfAnEndlessView_MovesItNoFurther()
    {
        var source = new GeneratedDataView();

        float[] rewards = [.. _ml.Data.TakeRows(source, 4).GetColumn<float>("Reward")];

        Assert.That(rewards, Is.EqualTo(new[] { 0f, 2, 4, 6 }));
        Assert.That(source.Moves, Is.EqualTo(4));
        Assert.That(source.Disposed, Is.EqualTo(1));
        Assert.That(source.Requested, Is.EqualTo(new[] { "Reward" }));
    }

    [Test]
    public void SkipRows_ThenTakeRows_GivesTheRowsBetween()
    {
        IDataView view = _ml.Data.TakeRows(_ml.Data.SkipRows(new GeneratedDataView(), 3), 2);
        using DataViewRowCursor cursor = view.GetRowCursor([]);

        Assert.That(view.GetColumn<float>("Reward"), Is.EqualTo(new[] { 6f, 8 }));
        Assert.That((cursor.MoveNext(), cursor.Position), Is.EqualTo((true, 0L)));
    }

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(5, 2)]
    public void TakeRowsAndSkipRows_OfACountedView_KnowTheirCount(long count, long taken)
    {
        IDataView view = _ml.Data.LoadFromEnumerable(Person.Sample());

        Assert.That(_ml.Data.TakeRows(view, count).GetRowCount(), Is.EqualTo(taken));
        Assert.That(_ml.Data.TakeRows(view, count).GetColumn<int>("Years").Count(), Is.EqualTo(taken));
        Assert.That(_ml.Data.SkipRows(view, count).GetRowCount(), Is.EqualTo(2 - taken));
        Assert.That(_ml.Data.SkipRows(view, count).GetColumn<int>("Years").Count(), Is.EqualTo(2 - taken));
    }

    [Test]
    public void Preview_OfAnEndlessView_ReadsOnlyTheFirstRows()
    {
        var source = new GeneratedDataView();

        DataDebuggerPreview preview = source.Preview(maxRows: 3);

        Assert.That(preview.ToString(), Is.EqualTo("3 columns, 3 rows"));
        Assert.That(source.Moves, Is.EqualTo(3));
        Assert.That(preview.RowView[2].Values.Select(v => v.Key), Is.EqualTo(new[] { "AgentId", "Observation", "Reward" }));
        Assert.That(preview.RowView[2].Values[2].Value, Is.EqualTo(4f));
        Assert.That(preview.ColumnView[0].Values.Cast<ReadOnlyMemory<char>>().Select(a => a.ToString()), Is.EqualTo(new[] { "agent-0", "agent-1", "agent-0" }));
        Assert.That(((VBuffer<float>)preview.ColumnView[1].Values[1]).GetValues().ToArray(), Is.EqualTo(new[] { 1f, 1.1f, 1.2f }), "rows do not share a buffer");
        Assert.That(preview.ColumnView[2].ToString(), Is.EqualTo("Reward: Single"));
    }

    [Test]
    public void Preview_OfATransformer_ShowsWhatItMakes()
    {
        DataDebuggerPreview preview = PolicySample.Fit(_ml).Preview(new GeneratedDataView(), maxRows: 2);

        Assert.That(preview.Schema.Select(c => c.Name), Is.EqualTo(new[] { "AgentId", "Observation", "Reward", "Action", "Parameters" }));
        Assert.That(((VBuffer<float>)preview.RowView[1].Values[3].Value).GetValues().ToArray(), Is.EqualTo(new[] { 1f, 10, 2 }));
    }
}
