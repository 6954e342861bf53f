using Microsoft.ML.Data;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class VBufferTests
{
    [Test]
    public void Dense_Values_AreItsSlots()
    {
        var buffer = new VBuffer<int>(3, [1, 2, 3, 99]);

        Assert.That(buffer.IsDense, Is.True);
        Assert.That(buffer.GetValues().ToArray(), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(buffer.GetIndices().Length, Is.Zero);
        Assert.That(buffer.GetItemOrDefault(2), Is.EqualTo(3));
        Assert.That(buffer.Cast<int>(), Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(buffer.ToString(), Is.EqualTo("Dense vector of size 3"));
        Assert.That(() => buffer.GetItemOrDefault(3), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Sparse_Values_FillTheNamedSlotsOnly()
    {
        var buffer = new VBuffer<int>(5, 2, [7, 8], [1, 4]);
        var copy = new int[6];
        buffer.CopyTo(copy, 1, defaultValue: -1);
        int item = 9;
        buffer.GetItemOrDefault(0, ref item);

        Assert.That(buffer.IsDense, Is.False);
        Assert.That(buffer.DenseValues(), Is.EqualTo(new[] { 0, 7, 0, 0, 8 }));
        Assert.That(buffer.Items().Select(i => i.Key), Is.EqualTo(new[] { 1, 4 }));
        Assert.That(copy, Is.EqualTo(new[] { 0, -1, 7, -1, -1, 8 }));
        Assert.That((buffer.GetItemOrDefault(4), item), Is.EqualTo((8, 0)));
    }

    [Test]
    public void Constructor_FewerValuesThanItsCount_IsRefused()
    {
        Assert.That(() => new VBuffer<int>(3, [1, 2]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new VBuffer<int>(3, 2, [1, 2], [0]), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new VBuffer<int>(1, 2, [1, 2], [0, 1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void CopyTo_ALargeEnoughBuffer_UsesItsArraysAgain()
    {
        VBuffer<float> destination = new(4, new float[4]);
        var dense = new VBuffer<float>(3, [1, 2, 3]);
        var sparse = new VBuffer<float>(6, 1, [5], [3]);

        dense.CopyTo(ref destination);
        VBufferEditor<float> reused = VBufferEditor.CreateFromBuffer(ref destination);
        reused.Values[0] = 9;
        Assert.That(destination.GetValues().ToArray(), Is.EqualTo(new[] { 9f, 2, 3 }), "the editor writes into the buffer's own memory");

        sparse.CopyTo(ref destination);
        Assert.That(destination.DenseValues(), Is.EqualTo(new[] { 0f, 0, 0, 5, 0, 0 }));
        sparse.CopyToDense(ref destination);
        Assert.That((destination.IsDense, destination.GetValues()[3]), Is.EqualTo((true, 5f)));
    }

    [Test]
    public void Editor_Create_ReusesOrGrowsAndSaysSo()
    {
        VBuffer<float> buffer = default;
        VBufferEditor<float> first = VBufferEditor.Create(ref buffer, 2);
        bool created = first.CreatedNewValues;
        first.Values[1] = 4;
        buffer = first.Commit();
        VBufferEditor<float> second = VBufferEditor.Create(ref buffer, 2);
        bool createdAgain = second.CreatedNewValues;
        VBufferEditor<float> third = VBufferEditor.Create(ref buffer, 5, keepOldOnResize: true);

        Assert.That((created, createdAgain, third.CreatedNewValues), Is.EqualTo((true, false, true)));
        Assert.That(third.Values.ToArray(), Is.EqualTo(new[] { 0f, 4, 0, 0, 0 }));
    }

    [Test]
    public void Editor_CommitTruncated_MakesASparseVector()
    {
        VBuffer<int> buffer = default;
        VBufferEditor<int> editor = VBufferEditor.Create(ref buffer, 10, valuesCount: 3);
        (editor.Indices[0], editor.Values[0]) = (2, 20);
        (editor.Indices[1], editor.Values[1]) = (7, 70);
        buffer = editor.CommitTruncated(2);

        Assert.That(buffer.Items(), Is.EqualTo(new[] { KeyValuePair.Create(2, 20), KeyValuePair.Create(7, 70) }));
    }
}
