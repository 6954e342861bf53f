using Microsoft.ML;
using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class SchemaTests
{
    [Test]
    public void Schema_TwoColumnsOfOneName_HidesTheFirst()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn("A", NumberDataViewType.Single);
        builder.AddColumn("B", TextDataViewType.Instance);
        builder.AddColumn("A", BooleanDataViewType.Instance);
        DataViewSchema schema = builder.ToSchema();

        Assert.That(schema.Select(c => c.IsHidden), Is.EqualTo(new[] { true, false, false }));
        Assert.That(schema["A"].Index, Is.EqualTo(2));
        Assert.That(schema["A"].Type, Is.SameAs(BooleanDataViewType.Instance));
        Assert.That(schema[0].Type, Is.SameAs(NumberDataViewType.Single));
        Assert.That(schema.GetColumnOrNull("C"), Is.Null);
    }

    [Test]
    public void Schema_AMissingColumn_IsNamed()
    {
        DataViewSchema schema = new GeneratedDataView().Schema;

        Assert.That(() => schema["Cost"], Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("Cost"));
        Assert.That(() => schema[3], Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void SlotNames_OfAVector_AreItsAnnotation()
    {
        DataViewSchema schema = new GeneratedDataView().Schema;
        VBuffer<ReadOnlyMemory<char>> names = default;

        schema["Observation"].GetSlotNames(ref names);

        Assert.That(schema["Observation"].HasSlotNames(), Is.True);
        Assert.That(schema["Reward"].HasSlotNames(), Is.False);
        Assert.That(names.DenseValues().Select(n => n.ToString()), Is.EqualTo(new[] { "o0", "o1", "o2" }));
        Assert.That(() => schema["Reward"].GetSlotNames(ref names), Throws.InvalidOperationException.With.Message.Contains("SlotNames"));
    }

    [Test]
    public void Annotations_Builder_KeepsValuesAndSelection()
    {
        var first = new DataViewSchema.Annotations.Builder();
        first.AddPrimitiveValue("Low", NumberDataViewType.Single, -1f);
        first.AddPrimitiveValue("High", NumberDataViewType.Single, 2f);
        var second = new DataViewSchema.Annotations.Builder();
        second.Add(first.ToAnnotations(), name => name == "High");
        DataViewSchema.Annotations annotations = second.ToAnnotations();
        float value = 0;
        annotations.GetValue("High", ref value);

        Assert.That(annotations.ToString(), Is.EqualTo("High"));
        Assert.That(value, Is.EqualTo(2f));
        Assert.That(() => first.AddPrimitiveValue("Wrong", NumberDataViewType.Single, 1.0), Throws.ArgumentException.With.Message.Contains("Wrong"));
        int wrong = 0;
        Assert.That(() => annotations.GetValue("High", ref wrong), Throws.InvalidOperationException.With.Message.Contains("High"));
    }

    [Test]
    public void VectorType_EqualItemsAndDimensions_IsEqual()
    {
        var type = new VectorDataViewType(NumberDataViewType.Single, 2, 3);

        Assert.That(type, Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 2, 3)));
        Assert.That(type.GetHashCode(), Is.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 2, 3).GetHashCode()));
        Assert.That(type, Is.Not.EqualTo(new VectorDataViewType(NumberDataViewType.Single, 6)));
        Assert.That(type, Is.Not.EqualTo(new VectorDataViewType(NumberDataViewType.Double, 2, 3)));
        Assert.That((type.Size, type.IsKnownSize, type.ToString()), Is.EqualTo((6, true, "Vector<Single, 2, 3>")));
        Assert.That(type.RawType, Is.EqualTo(typeof(VBuffer<float>)));
        Assert.That(new VectorDataViewType(NumberDataViewType.Single).IsKnownSize, Is.False);
    }

    [Test]
    public void SchemaDefinition_TwoMembersOfOneColumn_IsRefused() =>
        Assert.That(() => SchemaDefinition.Create(typeof(Twice)), Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("'A'"));

    [Test]
    public void SchemaDefinition_Direction_SelectsReadableOrWritableProperties()
    {
        Assert.That(SchemaDefinition.Create(typeof(HalfOpen), SchemaDefinition.Direction.Read).Select(c => c.MemberName), Is.EqualTo(new[] { "Both", "Readable" }));
        Assert.That(SchemaDefinition.Create(typeof(HalfOpen), SchemaDefinition.Direction.Write).Select(c => c.MemberName), Is.EqualTo(new[] { "Both" }));
    }

    [Test]
    public void RowId_Order_IsThatOfThe128BitNumber()
    {
        var small = new DataViewRowId(9, 0);
        var large = new DataViewRowId(1, 1);

        Assert.That(small.CompareTo(large), Is.LessThan(0));
        Assert.That(small.Equals(new DataViewRowId(9, 0)), Is.True);
        Assert.That(large.ToString(), Is.EqualTo("00000000000000010000000000000001"));
    }

    private sealed class Twice
    {
        public int A { get; set; }

        [ColumnName("A")]
        public int B { get; set; }
    }

    private sealed class HalfOpen
    {
        public int Both { get; set; }

        public int Readable => Both;
    }
}
