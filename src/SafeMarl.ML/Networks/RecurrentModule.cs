using SafeMarl.Environments;
using SafeMarl.ML.Policies;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace SafeMarl.ML.Networks;

/// <summary>
/// The torch module of a recurrent <see cref="NetworkShape"/>, for whole sequences of many rows at once. With quantiles, the values of alternatives are
/// distributions: an implicit quantile network.
/// </summary>
internal sealed class RecurrentModule : nn.Module
{
    private readonly NetworkShape _shape;
    private readonly EncoderLayer _hidden;
    private readonly Linear _output;
    private readonly Parameter _outputWeights, _outputBias;
    private readonly GruLayer _gru;
    private readonly ReturnFeedbackModule? _feedback;
    private readonly int _actingQuantiles;
    private readonly Distortion? _risk;
    private readonly Placement _placement;
    private SequenceRows _rows = SequenceRows.Full(1, 0); // of what was unrolled last
    private ValueHead? _values; // of the same, where values were asked for

    /// <param name="shape">Layers and sizes.</param>
    /// <param name="embedding">Cosines of a quantile's embedding; null: values are numbers.</param>
    /// <param name="actingQuantiles">Quantiles that make a value when agents act.</param>
    /// <param name="risk">How they make it; null: by their mean.</param>
    /// <param name="random">Stream of the initial weights.</param>
    /// <param name="placement">Where the parameters live.</param>
    public RecurrentModule(NetworkShape shape, int? embedding, int actingQuantiles, Distortion? risk, ref RandomStream random, Placement placement) : base(nameof(RecurrentModule))
    {
        (_shape, _actingQuantiles, _risk, _placement) = (shape, actingQuantiles, risk, placement);
        register_module("hidden0", _hidden = new EncoderLayer(shape.EncodedInputs, shape.HiddenSize, ref random, placement));
        if (shape.Recurrence!.Feedback is { } feedback)
            register_module("feedback", _feedback = new ReturnFeedbackModule(feedback, shape.HiddenSize, ref random, placement));
        register_module("gru", _gru = new GruLayer(shape.HiddenSize, shape.HiddenSize, ref random, placement));
        if (embedding is { } features)
            register_module("embedding", Embedding = new QuantileEmbedding(features, shape.HiddenSize, ref random, placement));
        register_module("output", _output = Linear(shape.HiddenSize, shape.Outputs, device: placement.Device, dtype: placement.Type));
        _output.BeginUniform(shape.HiddenSize, ref random);
        Parameter[] output = [.. _output.parameters()];
        (_outputWeights, _outputBias) = (output[0], output[1]);
    }

    /// <summary>The network's layers and sizes.</summary>
    public NetworkShape Shape => _shape;

    /// <summary>Embeds quantile fractions; null: values are numbers.</summary>
    public QuantileEmbedding? Embedding { get; }

    /// <summary>Hidden states after every step of sequences, from zeros on [T, N, size]; 0 after a sequence's end.</summary>
    /// <param name="inputs">Observations, last actions and agents <c>[M, inputs]</c>, rows being <see cref="EncoderLayer.Stride"/> apart; kept for gradients.</param>
    /// <param name="rows">Where rows lie.</param>
    /// <param name="expected">Return distributions that were expected before each step <c>[M, K]</c>, where the network looks back at them.</param>
    /// <param name="gradients">Whether they are to be a leaf, to which losses have gradients.</param>
    /// <param name="threads">Threads to use.</param>
    public Tensor Unroll(float[] inputs, SequenceRows rows, float[]? expected, bool gradients, int threads)
    {
        _values = null;
        return Unroll(inputs, rows, expected, new StatesThemselves(_shape.HiddenSize, _hidden.Width), gradients, threads);
    }

    /// <summary>A value for every alternative after every step of sequences, where values are numbers [T, N, alternatives]; 0 after a sequence's end.</summary>
    /// <param name="inputs">Observations, last actions and agents <c>[M, inputs]</c>, rows being <see cref="EncoderLayer.Stride"/> apart; kept for gradients.</param>
    /// <param name="rows">Where rows lie.</param>
    /// <param name="gradients">Whether they are to be a leaf, to which losses have gradients.</param>
    /// <param name="threads">Threads to use.</param>
    public Tensor UnrollValues(float[] inputs, SequenceRows rows, bool gradients, int threads)
    {
        _values = new ValueHead(_outputWeights, _outputBias, _placement);
        return Unroll(inputs, rows, null, _values, gradients, threads);
    }

    private Tensor Unroll(float[] inputs, SequenceRows rows, float[]? expected, IStateHead head, bool gradients, int threads)
    {
        _rows = rows;
        _hidden.Begin(inputs, rows.Total, keep: gradients || _feedback is not null);
        if (_feedback is not null)
        {
            RowHalves.Run(threads, rows.Total, (first, count, half) => _hidden.Forward(first, count, half));
            _feedback.Evaluate(_hidden, expected!, rows.Total, threads);
        }
        return _gru.Evaluate(_feedback is null ? _hidden : _feedback, rows, head, gradients, threads).requires_grad_(gradients);
    }

    /// <summary>Gradients of a loss that depends on hidden states or values of modules; null: the loss does not depend on a parameter.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="unrolled">Modules, and what <see cref="Unroll(float[], SequenceRows, float[], bool, int)"/> or <see cref="UnrollValues"/> of each gave last, which it depends on.</param>
    /// <param name="others">Parameters of other modules.</param>
    /// <param name="threads">Threads to use.</param>
    /// <returns>To the parameters of one module after the other in their order, and to the others.</returns>
    public static Tensor?[] Gradients(Tensor loss, IReadOnlyList<(RecurrentModule Module, Tensor Leaf)> unrolled, IReadOnlyList<Tensor> others, int threads)
    {
        (string Name, Parameter Parameter)[][] own = [.. unrolled.Select(u => u.Module.named_parameters().ToArray())];
        IList<Tensor?> gradients = autograd.grad([loss], [.. own.SelectMany(o => o).Select(p => p.Parameter), .. others, .. unrolled.Select(u => u.Leaf)], allow_unused: true)!;
        int first = 0;
        for (int m = 0; m < own.Length; m++)
        {
            if (gradients[gradients.Count - own.Length + m] is { } slopes)
            {
                Dictionary<string, Tensor> earlier = unrolled[m].Module.BeforeLeaf(slopes, threads);
                for (int i = 0; i < own[m].Length; i++)
                    gradients[first + i] = earlier.GetValueOrDefault(own[m][i].Name) ?? gradients[first + i];
            }
            first += own[m].Length;
        }
        return [.. gradients.SkipLast(own.Length)];
    }

    // Gradients of what comes before the leaf, by name.
    private Dictionary<string, Tensor> BeforeLeaf(Tensor leafSlopes, int threads)
    {
        var gradients = new Dictionary<string, Tensor>();
        _hidden.BeginGradients();
        Add("gru", _gru.GradientsOf(leafSlopes, threads));
        if (_values is not null)
            Add("output", _values.EndGradients());
        if (_feedback is not null)
        {
            (float[] slopes, IReadOnlyDictionary<string, Tensor> feedback) = _feedback.GradientsOf(threads);
            Add("feedback", feedback);
            RowHalves.Run(threads, _rows.Total, (first, count, half) => _hidden.Backward(first, count, slopes.AsSpan(first * _hidden.Width), half));
        }
        Add("hidden0", _hidden.EndGradients());
        return gradients;

        void Add(string module, IReadOnlyDictionary<string, Tensor> named)
        {
            foreach ((string name, Tensor gradient) in named)
                gradients.Add($"{module}.{name}", gradient);
        }
    }

    /// <summary>What states are multiplied with for values: the mean of quantiles' embeddings [.., K, size] to [.., 1, size], or what a risk measure makes of them.</summary>
    public Tensor Worth(Tensor embeddings) => _risk is null
        ? embeddings.mean([-2], keepdim: true)
        : (embeddings * _placement.Tensor(_risk.Weights((int)embeddings.shape[^2]), embeddings.shape[^2], 1)).sum([-2], keepdim: true);

    /// <summary>A value for every alternative: [.., size] to [.., alternatives]; with quantiles, of states that have been multiplied with what they are <see cref="Worth"/>.</summary>
    public Tensor Values(Tensor states) => _output.forward(states);

    /// <summary>Some of the outputs: [.., size] to [.., count].</summary>
    public Tensor Outputs(Tensor states, long first, long count) => functional.linear(states, _outputWeights.narrow(0, first, count), _outputBias.narrow(0, first, count));

    /// <summary>Quantiles of the values of chosen alternatives.</summary>
    /// <param name="states">[M, n, size]</param>
    /// <param name="chosen">Their numbers [M, n].</param>
    /// <param name="embeddings">[M, K, size]</param>
    /// <returns>[M, n, K]</returns>
    public Tensor Quantiles(Tensor states, Tensor chosen, Tensor embeddings)
    {
        long rows = states.shape[0], agents = states.shape[1];
        Tensor flat = chosen.reshape(-1);
        Tensor weights = _outputWeights.index_select(0, flat).view(rows, agents, -1); // [M, n, size]
        return (states * weights).bmm(embeddings.transpose(1, 2)) + _outputBias.index_select(0, flat).view(rows, agents, 1);
    }

    /// <summary>Copies the weights to where agents act.</summary>
    /// <param name="network">It may have some of the outputs only.</param>
    /// <param name="firstOutput">The first of those.</param>
    public void CopyTo(IPolicyNetwork network, int firstOutput = 0)
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Parameter> own = named_parameters().ToDictionary(p => p.name.Replace("feedback.", "", StringComparison.Ordinal), p => p.parameter);
        Tensor? embeddings = Embedding?.AtMidpoints(_shape.Recurrence!.Feedback?.Quantiles ?? _actingQuantiles); // [K, size]
        foreach ((string name, _) in _shape.OwnParameters())
        {
            network.Set(name, name switch
            {
                "quantiles" => embeddings!.ToFloats(),
                // The mean over quantiles of W (h * phi) is (W * mean phi) h, and any other sum whose weights sum to 1 likewise.
                "output.weight" when _feedback is null && embeddings is not null => (own[name] * Worth(embeddings)).ToFloats(),
                "output.weight" or "output.bias" => own[name].narrow(0, firstOutput, network.Shape.Outputs).ToFloats(),
                _ => own[name].ToFloats(),
            });
        }
    }
}
