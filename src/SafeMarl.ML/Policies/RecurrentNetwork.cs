using System.Numerics.Tensors;

namespace SafeMarl.ML.Policies;

/// <summary>
/// Managed inference of a recurrent <see cref="NetworkShape"/> for one step: observation and memory in, one value for each alternative out. An agent's
/// memory is its hidden state, its last action (0 for none), the return distribution that it expected before (less 1), and what a network beside it remembers; zeros begin an episode.
/// </summary>
internal sealed class RecurrentNetwork : IPolicyNetwork
{
    private readonly int _size, _width; // of the hidden state, and with its padding
    private readonly DenseLayer _encoder, _input, _recurrent, _output;
    private readonly ReturnFeedbackNetwork? _feedback;
    private readonly int _companionAt; // where its part of a memory begins

    public RecurrentNetwork(NetworkShape shape)
    {
        Shape = shape;
        (_size, _width) = (shape.HiddenSize, DenseKernels.Padded(shape.HiddenSize));
        _encoder = new DenseLayer(shape.EncodedInputs, _size);
        (_input, _recurrent) = (new DenseLayer(_size, 3 * _size, blocks: 3), new DenseLayer(_size, 3 * _size, blocks: 3));
        _output = new DenseLayer(_size, shape.Outputs);
        _feedback = shape.Recurrence!.Feedback is { } feedback ? new ReturnFeedbackNetwork(feedback, _size) : null;
        (Companion, _companionAt) = (CompanionNetwork.Of(shape), shape.Recurrence.MemorySize(_size));
    }

    public NetworkShape Shape { get; }

    /// <summary>The network beside it; null: there is none.</summary>
    public CompanionNetwork? Companion { get; }

    public void Set(string name, ReadOnlySpan<float> values)
    {
        if (name.StartsWith(NetworkShape.CompanionPrefix, StringComparison.Ordinal))
            Companion!.Network.Set(name[NetworkShape.CompanionPrefix.Length..], values);
        else if (LayerOf(name) is not { } layer)
            _feedback!.Set(name, values);
        else if (name.Contains("weight", StringComparison.Ordinal))
            layer.SetWeights(values);
        else
            layer.SetBias(values);
    }

    public float[] Get(string name) => name.StartsWith(NetworkShape.CompanionPrefix, StringComparison.Ordinal) ? Companion!.Network.Get(name[NetworkShape.CompanionPrefix.Length..])
        : LayerOf(name) is not { } layer ? _feedback!.Get(name) : name.Contains("weight", StringComparison.Ordinal) ? layer.GetWeights() : layer.GetBias();

    private DenseLayer? LayerOf(string name) => name switch
    {
        "hidden0.weight" or "hidden0.bias" => _encoder,
        "gru.weight_ih" or "gru.bias_ih" => _input,
        "gru.weight_hh" or "gru.bias_hh" => _recurrent,
        "output.weight" or "output.bias" => _output,
        _ => null,
    };

    /// <summary>One step of several rows: hidden states go on, and every alternative is given its value.</summary>
    /// <param name="observations">Row i begins at <c>i * stride</c>.</param>
    /// <param name="rows">Number of rows.</param>
    /// <param name="stride">Distance between observations.</param>
    /// <param name="agent">Which agent it is.</param>
    /// <param name="memories">Row i begins at <c>i * memoryStride</c>.</param>
    /// <param name="memoryStride">Distance between memories.</param>
    /// <param name="values">Receives <c>[rows, alternatives]</c>.</param>
    public void Step(ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride, Span<float> values)
    {
        int perRow = 8 * _width + _output.Width;
        // Generated weights are so many that they should meet many rows.
        int together = Math.Min(rows, _feedback is null ? DenseKernels.RowTile : GeneratedWeights.Part);
        using var large = new LargeScratch(together * perRow);
        Span<float> scratch = large.IsNeeded ? large.Span : stackalloc float[together * perRow];
        for (int row = 0; row < rows; row += together)
        {
            int count = Math.Min(together, rows - row);
            Tile(observations[(row * stride)..], count, stride, agent, memories[(row * memoryStride)..], memoryStride, scratch, values[(row * ValuesPerRow)..]);
        }
    }

    // Of a network that is beside another one, its outputs are its values.
    private int ValuesPerRow => Companion is null ? Shape.Outputs : Shape.Alternatives;

    private void Tile(ReadOnlySpan<float> observations, int rows, int stride, int agent, Span<float> memories, int memoryStride, Span<float> scratch, Span<float> values)
    {
        Span<float> encoded = scratch.Take(rows * _width), input = scratch.Take(3 * rows * _width), recurrent = scratch.Take(3 * rows * _width), states = scratch.Take(rows * _width);
        DenseKernels.Linear(observations, rows, stride, Shape.Inputs, _encoder.Weights, _encoder.Bias, encoded, _width);
        for (int i = 0; i < rows; i++)
        {
            // One-hot inputs pick a row of the weights each.
            Span<float> row = encoded.Slice(i * _width, _width);
            int last = (int)memories[i * memoryStride + _size] - 1;
            if (last >= 0)
                TensorPrimitives.Add(row, _encoder.WeightsOf(Shape.Inputs + last), row);
            TensorPrimitives.Add(row, _encoder.WeightsOf(Shape.Inputs + Shape.Alternatives + agent), row);
            TensorPrimitives.Max(row, 0f, row);
        }
        _feedback?.Transform(memories[(_size + 1)..], memoryStride, rows, encoded);
        _input.Apply(encoded, rows, _width, input);
        _recurrent.Apply(memories, rows, memoryStride, recurrent);
        states.Clear();
        for (int i = 0; i < rows; i++)
        {
            Span<float> memory = memories.Slice(i * memoryStride, _size), state = states.Slice(i * _width, _width);
            memory.CopyTo(state);
            GruKernels.Step(input.Slice(3 * i * _width, 3 * _width), recurrent.Slice(3 * i * _width, 3 * _width), state, state);
            state[.._size].CopyTo(memory);
        }
        Span<float> outputs = scratch.Take(rows * _output.Width);
        Outputs(states, rows, outputs);
        if (Companion is null)
        {
            for (int i = 0; i < rows; i++)
                outputs.Slice(i * _output.Width, Shape.Outputs).CopyTo(values[(i * Shape.Outputs)..]);
            return;
        }
        Span<float> beside = memories[_companionAt..];
        for (int i = 0; i < rows; i++)
            beside[i * memoryStride + _size] = memories[i * memoryStride + _size]; // both look back at the same action
        Companion.Evaluate(observations, rows, stride, agent, beside, memoryStride, outputs, _output.Width, values);
    }

    private void Outputs(Span<float> states, int rows, Span<float> outputs)
    {
        if (_feedback is not null)
        {
            // The mean over quantiles of W (h * phi) is W (h * mean phi).
            for (int i = 0; i < rows; i++)
                TensorPrimitives.Multiply(states.Slice(i * _width, _width), _feedback.MeanQuantile, states.Slice(i * _width, _width));
        }
        _output.Apply(states, rows, _width, outputs);
    }

    /// <summary>Notes what an agent does, for its next step.</summary>
    /// <param name="memory">Its memory, after the step.</param>
    /// <param name="best">The alternative of the highest value, whose expected return it will look back at.</param>
    /// <param name="chosen">The one that it takes.</param>
    public void Note(Span<float> memory, int best, int chosen)
    {
        memory[_size] = chosen + 1;
        Companion?.Note(memory[_companionAt..], chosen);
        _feedback?.Expect(memory[.._size], _output, best, memory.Slice(_size + 1, _feedback.Quantiles));
    }
}
