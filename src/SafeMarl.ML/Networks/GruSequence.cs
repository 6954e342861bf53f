using System.Numerics.Tensors;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Threading;

namespace SafeMarl.ML.Networks;

/// <summary>
/// A gated recurrent unit over whole sequences, forwards and backwards in time, on managed arrays. A recurrence in libtorch takes a dozen operations of a
/// few microseconds in every step, and as many again for gradients; here a step is two products and one pass over the gates, and its weights' gradients are
/// summed up on the way back.
/// </summary>
/// <remarks>Halves of the rows are independent pieces of work, whatever the number of threads, so that results do not depend on it.</remarks>
internal sealed class GruSequence
{
    private const int Halves = 2;

    private readonly int _inputSize, _size, _inputWidth, _width; // widths are padded sizes
    private readonly DenseLayer _input, _recurrent, _toInput, _toState; // forwards; and back from gates
    private readonly float[] _zeros;
    private readonly Gradients[] _gradients;
    private float[] _inputs = [], _gates = [], _candidates = [], _states = [], _inputSlopes = []; // [T, N, ..], states with those before the first step
    private int _steps, _rows;

    /// <summary>Gradients of the weights, in the layout of layers: [inputs, 3 width].</summary>
    private sealed record Gradients(float[] Input, float[] Recurrent, float[] InputBias, float[] RecurrentBias);

    /// <param name="inputSize">Numbers in an input.</param>
    /// <param name="size">Numbers in a state.</param>
    public GruSequence(int inputSize, int size)
    {
        (_inputSize, _size, _inputWidth, _width) = (inputSize, size, DenseKernels.Padded(inputSize), DenseKernels.Padded(size));
        (_input, _recurrent) = (new DenseLayer(inputSize, 3 * size, blocks: 3), new DenseLayer(size, 3 * size, blocks: 3));
        (_toInput, _toState) = (new DenseLayer(3 * _width, inputSize), new DenseLayer(3 * _width, size));
        _zeros = new float[3 * _width];
        _gradients = [.. Enumerable.Range(0, Halves).Select(_ => new Gradients(new float[_inputWidth * 3 * _width], new float[_width * 3 * _width], new float[3 * _width], new float[3 * _width]))];
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

    /// <summary>All states, from zeros on.</summary>
    /// <param name="inputs"><c>[T, N, inputs]</c></param>
    /// <param name="steps">T.</param>
    /// <param name="rows">N.</param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="states">Receives the state after each step <c>[T, N, size]</c>.</param>
    public void Forward(float[] inputs, int steps, int rows, int threads, float[] states)
    {
        (_steps, _rows) = (steps, rows);
        int all = steps * rows;
        Grow(ref _inputs, all * _inputWidth);
        Grow(ref _gates, all * 3 * _width);
        Grow(ref _candidates, all * _width);
        Grow(ref _states, (all + rows) * _width);
        Array.Clear(_states, 0, rows * _width);
        ForHalves(threads, (first, count, _) =>
        {
            var recurrent = new float[count * 3 * _width];
            for (int t = 0; t < steps; t++)
                Forward(inputs, t, first, count, recurrent, states);
        });
    }

    private void Forward(float[] inputs, int t, int first, int count, float[] recurrent, float[] states)
    {
        int at = t * _rows + first, gatesWidth = 3 * _width;
        Copy(inputs.AsSpan(at * _inputSize), _inputSize, _inputs.AsSpan(at * _inputWidth), _inputWidth, count);
        Span<float> gates = _gates.AsSpan(at * gatesWidth, count * gatesWidth);
        Span<float> before = _states.AsSpan(at * _width, count * _width), after = _states.AsSpan((at + _rows) * _width, count * _width);
        _input.Apply(_inputs.AsSpan(at * _inputWidth), count, _inputWidth, gates);
        _recurrent.Apply(before, count, _width, recurrent);
        for (int i = 0; i < count; i++)
        {
            ReadOnlySpan<float> row = recurrent.AsSpan(i * gatesWidth, gatesWidth);
            GruKernels.Step(gates.Slice(i * gatesWidth, gatesWidth), row, before.Slice(i * _width, _width), after.Slice(i * _width, _width));
            row[(2 * _width)..].CopyTo(_candidates.AsSpan((at + i) * _width));
        }
        Copy(after, _width, states.AsSpan(at * _size), _size, count);
    }

    /// <summary>Gradients from those of the states that the last <see cref="Forward(float[], int, int, int, float[])"/> gave.</summary>
    /// <param name="stateSlopes"><c>[T, N, size]</c></param>
    /// <param name="threads">Threads to use.</param>
    /// <param name="inputSlopes">Receives those of the inputs <c>[T, N, inputs]</c>.</param>
    /// <returns>Those of the weights, in torch's layout.</returns>
    public (float[] InputWeights, float[] RecurrentWeights, float[] InputBias, float[] RecurrentBias) Backward(float[] stateSlopes, int threads, float[] inputSlopes)
    {
        Grow(ref _inputSlopes, _rows * _toInput.Width);
        ForHalves(threads, (first, count, half) =>
        {
            Gradients sums = _gradients[half];
            foreach (float[] sum in (ReadOnlySpan<float[]>)[sums.Input, sums.Recurrent, sums.InputBias, sums.RecurrentBias])
                Array.Clear(sum);
            float[] slopes = new float[count * _width], inputGates = new float[count * 3 * _width], recurrentGates = new float[count * 3 * _width];
            for (int t = _steps - 1; t >= 0; t--)
                Backward(stateSlopes, t, first, count, slopes, inputGates, recurrentGates, sums, inputSlopes);
        });
        return (
            ToTorch(Sum(g => g.Input), _inputSize), ToTorch(Sum(g => g.Recurrent), _size),
            ToTorch(Sum(g => g.InputBias), 1), ToTorch(Sum(g => g.RecurrentBias), 1));
    }

    // slopes: in, what comes back from the step after; out, what goes back to the step before.
    private void Backward(float[] stateSlopes, int t, int first, int count, float[] slopes, float[] inputGates, float[] recurrentGates, Gradients sums, float[] inputSlopes)
    {
        int at = t * _rows + first, gatesWidth = 3 * _width;
        ReadOnlySpan<float> before = _states.AsSpan(at * _width, count * _width);
        for (int i = 0; i < count; i++)
        {
            Span<float> slope = slopes.AsSpan(i * _width, _width), own = inputGates.AsSpan(i * gatesWidth, gatesWidth), back = recurrentGates.AsSpan(i * gatesWidth, gatesWidth);
            TensorPrimitives.Add(slope[.._size], stateSlopes.AsSpan((at + i) * _size, _size), slope[.._size]);
            StepBack(_gates.AsSpan((at + i) * gatesWidth, gatesWidth), _candidates.AsSpan((at + i) * _width, _width), before.Slice(i * _width, _width), slope, own, back);
            TensorPrimitives.Add(sums.InputBias, own, sums.InputBias);
            TensorPrimitives.Add(sums.RecurrentBias, back, sums.RecurrentBias);
        }
        DenseKernels.AddOuterProducts(_inputs.AsSpan(at * _inputWidth), _inputWidth, _inputWidth, inputGates, gatesWidth, count, sums.Input);
        DenseKernels.AddOuterProducts(before, _width, _width, recurrentGates, gatesWidth, count, sums.Recurrent);
        Span<float> backwards = _inputSlopes.AsSpan(first * _toInput.Width, count * _toInput.Width);
        _toInput.Apply(inputGates, count, gatesWidth, backwards);
        Copy(backwards, _toInput.Width, inputSlopes.AsSpan(at * _inputSize), _inputSize, count);
        // What is left in slopes is z dh'.
        Span<float> throughGates = _candidates.AsSpan(at * _width, count * _width); // not needed any more
        _toState.Apply(recurrentGates, count, gatesWidth, throughGates);
        TensorPrimitives.Add(slopes, throughGates, slopes);
    }

    // dn = dh' (1 - z), dz = dh' (h - n), through the nonlinearities; dr = dn' h_n; the state itself gets z dh'.
    private void StepBack(ReadOnlySpan<float> gates, ReadOnlySpan<float> candidate, ReadOnlySpan<float> state, Span<float> slope, Span<float> inputGates, Span<float> recurrentGates)
    {
        ReadOnlySpan<float> r = gates[.._width], z = gates.Slice(_width, _width), n = gates[(2 * _width)..];
        Span<float> dr = inputGates[.._width], dz = inputGates.Slice(_width, _width), dn = inputGates[(2 * _width)..], temporary = recurrentGates[.._width];
        TensorPrimitives.Subtract(state, n, dz);
        TensorPrimitives.Multiply(dz, slope, dz);
        Squash(z, dz, temporary);
        TensorPrimitives.Multiply(slope, z, temporary); // z dh'
        TensorPrimitives.Subtract(slope, temporary, dn);
        temporary.CopyTo(slope);
        TensorPrimitives.Multiply(n, n, temporary);
        TensorPrimitives.Subtract(1f, temporary, temporary);
        TensorPrimitives.Multiply(dn, temporary, dn);
        TensorPrimitives.Multiply(dn, candidate, dr);
        Squash(r, dr, temporary);
        inputGates[..(2 * _width)].CopyTo(recurrentGates);
        TensorPrimitives.Multiply(dn, r, recurrentGates[(2 * _width)..]);
    }

    // Through a sigmoid s: ds s (1 - s).
    private static void Squash(ReadOnlySpan<float> s, Span<float> ds, Span<float> temporary)
    {
        TensorPrimitives.Multiply(ds, s, ds);
        TensorPrimitives.Multiply(ds, s, temporary);
        TensorPrimitives.Subtract(ds, temporary, ds);
    }

    private void ForHalves(int threads, Action<int, int, int> work)
    {
        int half = (_rows + Halves - 1) / Halves;
        ParallelWork.Run(threads, Enumerable.Range(0, Halves).Select(i => (Action)(() => work(i * half, Math.Min(half, _rows - i * half), i))));
    }

    private float[] Sum(Func<Gradients, float[]> part)
    {
        float[] sum = part(_gradients[0]);
        foreach (Gradients other in _gradients.AsSpan(1))
            TensorPrimitives.Add(sum, part(other), sum);
        return sum;
    }

    // [inputs, 3 width] to [3 size, inputs].
    private float[] ToTorch(float[] values, int inputs)
    {
        var torch = new float[3 * _size * inputs];
        for (int gate = 0; gate < 3 * _size; gate++)
        {
            for (int i = 0, column = gate / _size * _width + gate % _size; i < inputs; i++)
                torch[gate * inputs + i] = values[i * 3 * _width + column];
        }
        return torch;
    }

    private static void Copy(ReadOnlySpan<float> source, int sourceWidth, Span<float> target, int targetWidth, int rows)
    {
        if (sourceWidth == targetWidth)
        {
            source[..(rows * sourceWidth)].CopyTo(target);
            return;
        }
        int shared = Math.Min(sourceWidth, targetWidth);
        for (int i = 0; i < rows; i++)
            source.Slice(i * sourceWidth, shared).CopyTo(target.Slice(i * targetWidth, targetWidth));
    }

    private static void Grow(ref float[] buffer, int length)
    {
        if (buffer.Length < length)
            buffer = new float[length];
    }
}
