using SafeMarl.Environments;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Tests.Support;
using static TorchSharp.torch;

namespace SafeMarl.ML.Tests.Networks;

public sealed class SequenceRowsTests
{
    private const int Observation = 3, Alternatives = 4, Inputs = Observation + Alternatives + 1;
    private static readonly int[] Lengths = [6, 5, 2, 2, 1];

    [Test]
    public void Rows_OfSequencesOfDifferentLengths_LieStepAfterStep()
    {
        var rows = new SequenceRows([5, 4, 2, 2, 2, 1]);
        Assert.Multiple(() =>
        {
            Assert.That((rows.Steps, rows.Sequences, rows.Total), Is.EqualTo((6, 5, 16)));
            Assert.That(Enumerable.Range(0, 6).Select(rows.Offset), Is.EqualTo(new[] { 0, 5, 9, 11, 13, 15 }));
            Assert.That(Enumerable.Range(0, 6).Select(rows.Count), Is.EqualTo(new[] { 5, 4, 2, 2, 2, 1 }));
            Assert.That(rows.Middle, Is.EqualTo(2), "6 + 5 rows of 16; one sequence alone has 6");
        });
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Unroll_OfSequencesOfDifferentLengths_GivesEachItsOwnStatesAndGradients(bool looksBack)
    {
        using var scope = NewDisposeScope();
        var feedback = looksBack ? new ReturnFeedback(3, 5, 2, NonNegativeWeights: true) : null;
        var shape = new NetworkShape(Observation, Alternatives, 7, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(1, feedback));
        var random = new RandomStream(4);
        using var module = new RecurrentModule(shape, looksBack ? 6 : null, 3, null, ref random, GoldenNetworks.Double);
        float[][][] inputs = [.. Lengths.Select(length => Vectors(length, Inputs, EncoderLayer.Stride(Inputs), ref random))];
        float[][][] expected = [.. Lengths.Select(length => Vectors(length, 3, 3, ref random))];

        // The loss weighs every state with another number.
        double[] together = Gradients(module, Lengths, inputs, expected, out double[][] states);
        double[][] alone = new double[Lengths.Length][];
        double[] sum = new double[together.Length];
        for (int i = 0; i < Lengths.Length; i++)
        {
            double[] own = Gradients(module, [Lengths[i]], [inputs[i]], [expected[i]], out double[][] ownStates, first: i);
            sum = [.. sum.Zip(own, (a, b) => a + b)];
            alone[i] = ownStates[0];
        }

        Assert.That(states, Is.EqualTo(alone), "a row's arithmetic does not depend on the rows beside it");
        Numeric.AssertClose(together, sum, 1e-5, "gradients");
    }

    [Test]
    public void Unroll_AfterASequencesEnd_IsZero()
    {
        using var scope = NewDisposeScope();
        var random = new RandomStream(4);
        var shape = new NetworkShape(Observation, Alternatives, 7, 1, Activation.ReLU, InputNorm: false, LayerNorm: false, Recurrence: new Recurrence(1, null));
        using var module = new RecurrentModule(shape, null, 1, null, ref random, GoldenNetworks.Double);
        Tensor states = module.Unroll([.. Enumerable.Repeat(1f, 5 * EncoderLayer.Stride(Inputs))], new SequenceRows([3, 2]), null, gradients: false, threads: 1);

        float[][] after = [.. states.ToFloats().Chunk(7)];
        Assert.That(after[5], Is.All.Zero);
        Assert.That(after[4], Has.None.Zero);
    }

    private static float[][] Vectors(int count, int size, int stride, ref RandomStream random)
    {
        var vectors = new float[count][];
        for (int i = 0; i < count; i++)
        {
            vectors[i] = new float[stride];
            for (int j = 0; j < size; j++)
                vectors[i][j] = (float)random.NextGaussian();
        }
        return vectors;
    }

    // Of all parameters; and each sequence's states one after the other.
    private static double[] Gradients(RecurrentModule module, int[] lengths, float[][][] inputs, float[][][] expected, out double[][] states, int first = 0)
    {
        int longest = lengths.Max();
        (int Step, int Sequence)[] order = [.. from t in Enumerable.Range(0, longest) from i in Enumerable.Range(0, lengths.Length) where t < lengths[i] select (t, i)];
        var rows = new SequenceRows([.. Enumerable.Range(0, longest).Select(t => lengths.Count(length => length > t))]);
        Tensor unrolled = module.Unroll(
            [.. order.SelectMany(o => inputs[o.Sequence][o.Step])], rows, module.Shape.Recurrence!.Feedback is null ? null : [.. order.SelectMany(o => expected[o.Sequence][o.Step])], gradients: true, threads: 2);
        var weights = new double[unrolled.numel()];
        int size = (int)unrolled.shape[2];
        foreach ((int step, int sequence) in order)
        {
            for (int k = 0; k < size; k++)
                weights[(step * lengths.Length + sequence) * size + k] = Math.Sin(first + sequence + 10 * step + 100 * k);
        }
        double[] all = unrolled.ToDoubles();
        states = [.. lengths.Select((length, i) => Enumerable.Range(0, length).SelectMany(t => all.AsSpan((t * lengths.Length + i) * size, size).ToArray()).ToArray())];
        Tensor loss = (unrolled * GoldenTeams.Shaped(weights, unrolled.shape)).sum();
        return [.. RecurrentModule.Gradients(loss, [(module, unrolled)], [], threads: 2).Where(g => g is not null).SelectMany(g => g!.ToDoubles())];
    }
}
