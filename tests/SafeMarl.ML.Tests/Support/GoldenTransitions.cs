using System.Text.Json;
using SafeMarl.ML.Algorithms.OffPolicy;
using SafeMarl.ML.Buffers;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Batches of reference data as ours, in double precision.</summary>
internal sealed class GoldenTransitions
{
    private readonly TransitionLayout _layout;
    private readonly int _rows;
    private readonly double[] _records, _next;

    public GoldenTransitions(TaskShape task, int rows)
    {
        (_layout, _rows) = (new TransitionLayout(task), rows);
        _records = new double[rows * _layout.Size];
        _next = new double[rows * _layout.ViewSize];
    }

    public TransitionLayout Layout => _layout;

    /// <summary>Columns of the records from a nested array [B, columns] or [B, 1].</summary>
    public void Set(Range columns, JsonElement values) => Fill(_records, _layout.Size, columns, values);

    /// <summary>A column of the records from numbers [B] or [B, 1].</summary>
    public void Set(int column, JsonElement values, Func<double, double> convert) => Set(column, [.. values.Numbers().Select(convert)]);

    public void Set(int column, double[] values)
    {
        Assert.That(values, Has.Length.EqualTo(_rows), "rows");
        for (int row = 0; row < _rows; row++)
            _records[row * _layout.Size + column] = values[row];
    }

    /// <summary>Columns of the views after the steps.</summary>
    public void SetNext(Range columns, JsonElement values) => Fill(_next, _layout.ViewSize, columns, values);

    /// <summary>The batch.</summary>
    /// <param name="terminated">[B]</param>
    /// <param name="discounts">gamma^n [B]</param>
    /// <param name="returns">Per agent [B].</param>
    /// <param name="weights">Per agent [B], or null.</param>
    public TransitionTensors ToTensors(double[] terminated, double[] discounts, double[][] returns, Tensor[]? weights = null)
    {
        Tensor next = GoldenNetworks.Double.Tensor(_next, _rows, _layout.ViewSize), continues = 1 - GoldenNetworks.Double.Tensor(terminated, _rows);
        double[] all = [.. Enumerable.Range(0, _rows).SelectMany(row => returns.Select(r => r[row]))];
        return new TransitionTensors(
            _layout, GoldenNetworks.Double.Tensor(_records, _rows, _layout.Size), next, continues, next, GoldenNetworks.Double.Tensor(discounts, _rows), continues,
            GoldenNetworks.Double.Tensor(all, _rows, returns.Length), weights);
    }

    private static void Fill(double[] target, int stride, Range columns, JsonElement values)
    {
        int first = columns.Start.Value, count = columns.End.Value - first, row = 0;
        foreach (JsonElement element in values.EnumerateArray())
        {
            double[] numbers = element.Numbers();
            Assert.That(numbers, Has.Length.EqualTo(count), "columns");
            numbers.CopyTo(target, row++ * stride + first);
        }
    }
}
