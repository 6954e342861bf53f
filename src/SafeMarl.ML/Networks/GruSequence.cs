using System.Numerics.Tensors;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Networks;

/// <summary>
/// A gated recurrent unit over whole sequences, forwards and backwards in time, on managed arrays. A recurrence in libtorch takes a dozen operations of a
/// few microseconds in every step, and as many again for gradients; here a step is two products and one pass over the gates, and its weights' gradients are
/// summed up on the way back.
/// </summary>
internal sealed class GruSequence
{
    private readonly int _inputSize, _size, _inputWidth, _width; // widths are padded sizes
    private readonly DenseLayer _input, _recurrent, _toInput, _toState; // forwards; and back from gates
    private readonly LayerGradients _inputGradients, _recurrentGradients;
    private readonly Scratch[] _scratch = RowHalves.Each(() => new Scratch());
    private float[] _gates = [], _candidates = [], _states = []; // [M, ..] of widths, states with the N before the first step
    private IRowLayer? _inputs;
    private IStateHead? _head;
    private SequenceRows _rows = SequenceRows.Full(0, 0);

    /// <summary>What is in work in a half.</summary>
    private sealed class Scratch
    {
        public float[] InputGates = [], RecurrentGates = [], InputSlopes = [], Current = []; // [N / 2, 3 width] twice, [N / 2, width] twice: states or their slopes
    }

    /// <param name="inputSize">Numbers in an input.</param>
    /// <param name="size">Numbers in a state.</param>
    public GruSequence(int inputSize, int size)
    {
        (_inputSize, _size, _inputWidth, _width) = (inputSize, size, DenseKernels.Padded(inputSize), DenseKernels.Padded(size));
        (_input, _recurrent) = (new DenseLayer(inputSize, 3 * size, blocks: 3), new DenseLayer(size, 3 * size, blocks: 3));
        (_toInput, _toState) = (new DenseLayer(3 * _width, inputSize), new DenseLayer(3 * _width, size));
        (_inputGradients, _recurrentGradients) = (new LayerGradients(_input, _inputWidth), new LayerGradients(_recurrent, _width));
    }

    /// <summary>Sets the weights from torch's layout.</summary>
    public void SetWeights(float[] inputWeights, float[] recurrentWeights, float[] inputBias, float[] recurrentBias)
    {
        _input.SetWeights(inputWeights);
        _recurrent.SetWeights(recurrentWeights);
        _input.SetBias(inputBias);
        _recurrent.SetBias(recurrentBias);
        for (int gate = 0; gate < 3 * _size; gate++)
        {
            int column = gate / _size * _width + gate % _size;
            inputWeights.AsSpan(gate * _inputSize, _inputSize).CopyTo(_toInput.Weights.AsSpan(column * _toInput.Width));
            recurrentWeights.AsSpan(gate * _size, _size).CopyTo(_toState.Weights.AsSpan(column * _toState.Width));
        }
    }

    /// <summary>Goes through all states, from zeros on.</summary>
    /// <param name="inputs">Gives the inputs <c>[M, padded inputs]</c>; asked again for gradients.</param>
    /// <param name="rows">Where rows lie.</param>
    /// <param name="head">Makes results of states; asked again for gradients.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="results">Receives that of each step <c>[T, N, head's size]</c>, and 0 after a sequence's end.</param>
    public void Forward(IRowLayer inputs, SequenceRows rows, IStateHead head, int threads, Memory<float> results)
    {
        (_inputs, _rows, _head) = (inputs, rows, head);
        RowHalves.Grow(ref _gates, rows.Total * 3 * _width);
        RowHalves.Grow(ref _candidates, rows.Total * _width);
        RowHalves.Grow(ref _states, (rows.Total + rows.Sequences) * _width);
        Array.Clear(_states, 0, rows.Sequences * _width);
        ForSteps(rows, head, threads, results, (t, first, count, half) =>
        {
            float[] recurrent = RowHalves.Grow(ref _scratch[half].RecurrentGates, count * 3 * _width);
            int at = rows.Offset(t) + first, gatesWidth = 3 * _width;
            Span<float> after = StatesAfter(t, first, count);
            Step(inputs.Forward(at, count, half), StatesBefore(t, first, count), _gates.AsSpan(at * gatesWidth, count * gatesWidth), recurrent, after);
            for (int i = 0; i < count; i++)
                recurrent.AsSpan(i * gatesWidth + 2 * _width, _width).CopyTo(_candidates.AsSpan((at + i) * _width));
            return after;
        });
    }

    /// <summary>Goes through all states, from zeros on, and keeps nothing for gradients.</summary>
    /// <param name="inputs">Gives the inputs <c>[M, padded inputs]</c>.</param>
    /// <param name="rows">Where rows lie.</param>
    /// <param name="head">Makes results of states.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="results">Receives that of each step <c>[T, N, head's size]</c>, and 0 after a sequence's end.</param>
    public void Evaluate(IRowLayer inputs, SequenceRows rows, IStateHead head, int threads, Memory<float> results) => ForSteps(rows, head, threads, results, (t, first, count, half) =>
    {
        // A step's gates and states stay in the cache.
        Scratch scratch = _scratch[half];
        float[] recurrent = RowHalves.Grow(ref scratch.RecurrentGates, count * 3 * _width), gates = RowHalves.Grow(ref scratch.InputGates, count * 3 * _width);
        Span<float> current = RowHalves.Grow(ref scratch.Current, count * _width).AsSpan(0, count * _width);
        if (t == 0)
            current.Clear();
        Step(inputs.Forward(rows.Offset(t) + first, count, half), current, gates, recurrent, current);
        return current;
    });

    private delegate ReadOnlySpan<float> StepWork(int t, int first, int count, int half);

    // Work gives the states after a step [count, width] of those of a half that are still there.
    private static void ForSteps(SequenceRows rows, IStateHead head, int threads, Memory<float> results, StepWork work) => RowHalves.Run(threads, rows.Sequences, rows.Middle, (first, count, half) =>
    {
        for (int t = 0; t < rows.Steps; t++)
        {
            int present = Math.Clamp(rows.Count(t) - first, 0, count);
            Span<float> own = results.Span.Slice((t * rows.Sequences + first) * head.Size, count * head.Size);
            if (present > 0)
                head.Apply(work(t, first, present, half), present, own, half);
            own[(present * head.Size)..].Clear();
        }
    });

    // One step of some rows; before and after may be the same memory.
    private void Step(ReadOnlySpan<float> inputs, ReadOnlySpan<float> before, Span<float> gates, Span<float> recurrent, Span<float> after)
    {
        int count = after.Length / _width, gatesWidth = 3 * _width;
        _input.Apply(inputs, count, _inputWidth, gates);
        _recurrent.Apply(before, count, _width, recurrent);
        for (int i = 0; i < count; i++)
            GruKernels.Step(gates.Slice(i * gatesWidth, gatesWidth), recurrent.Slice(i * gatesWidth, gatesWidth), before.Slice(i * _width, _width), after.Slice(i * _width, _width));
    }

    private Span<float> StatesAfter(int t, int first, int count) => _states.AsSpan((_rows.Sequences + _rows.Offset(t) + first) * _width, count * _width);

    private Span<float> StatesBefore(int t, int first, int count) => t > 0 ? StatesAfter(t - 1, first, count) : _states.AsSpan(first * _width, count * _width);

    /// <summary>Gradients from those of the results that the last <see cref="Forward"/> gave.</summary>
    /// <param name="slopes"><c>[T, N, head's size]</c></param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>Those of the weights, in torch's layout; inputs and head are told theirs.</returns>
    public (float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias) Backward(ReadOnlyMemory<float> slopes, int threads)
    {
        RowHalves.Run(threads, _rows.Sequences, _rows.Middle, (first, count, half) =>
        {
            _inputGradients.Clear(half);
            _recurrentGradients.Clear(half);
            Scratch scratch = _scratch[half];
            RowHalves.Grow(ref scratch.InputGates, count * 3 * _width);
            RowHalves.Grow(ref scratch.RecurrentGates, count * 3 * _width);
            RowHalves.Grow(ref scratch.InputSlopes, count * _inputWidth);
            Array.Clear(RowHalves.Grow(ref scratch.Current, count * _width));
            for (int t = _rows.Steps - 1; t >= 0; t--)
            {
                if (Math.Min(_rows.Count(t) - first, count) is > 0 and int present)
                    Backward(slopes.Span, t, first, present, half);
            }
        });
        ((float[] inputWeights, float[] inputBias), (float[] recurrentWeights, float[] recurrentBias)) = (_inputGradients.ToTorch(), _recurrentGradients.ToTorch());
        return (inputWeights, recurrentWeights, inputBias, recurrentBias);
    }

    // Slopes: in, what comes back from the step after; out, what goes back to the step before.
    private void Backward(ReadOnlySpan<float> resultSlopes, int t, int first, int count, int half)
    {
        Scratch scratch = _scratch[half];
        (float[] inputGates, float[] recurrentGates) = (scratch.InputGates, scratch.RecurrentGates);
        Span<float> slopes = scratch.Current.AsSpan(0, count * _width);
        int at = _rows.Offset(t) + first, gatesWidth = 3 * _width;
        _head!.AddSlopes(StatesAfter(t, first, count), resultSlopes.Slice((t * _rows.Sequences + first) * _head.Size, count * _head.Size), count, slopes, half);
        ReadOnlySpan<float> before = StatesBefore(t, first, count);
        for (int i = 0; i < count; i++)
        {
            Span<float> slope = slopes.Slice(i * _width, _width), own = inputGates.AsSpan(i * gatesWidth, gatesWidth), back = recurrentGates.AsSpan(i * gatesWidth, gatesWidth);
            GruKernels.StepBack(_gates.AsSpan((at + i) * gatesWidth, gatesWidth), _candidates.AsSpan((at + i) * _width, _width), before.Slice(i * _width, _width), slope, own, back);
            _inputGradients.AddBias(half, own);
            _recurrentGradients.AddBias(half, back);
        }
        _inputGradients.AddWeights(half, _inputs!.Kept(at, count), inputGates, count);
        _recurrentGradients.AddWeights(half, before, recurrentGates, count);
        Span<float> inputSlopes = scratch.InputSlopes.AsSpan(0, count * _inputWidth);
        _toInput.Apply(inputGates, count, gatesWidth, inputSlopes);
        _inputs.Backward(at, count, inputSlopes, half);
        Span<float> throughGates = _candidates.AsSpan(at * _width, count * _width); // not needed any more
        _toState.Apply(recurrentGates, count, gatesWidth, throughGates);
        TensorPrimitives.Add(slopes, throughGates, slopes);
    }
}
