using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using SafeMarl.ML.Returns;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>How values are learned.</summary>
/// <param name="Gamma">Discount.</param>
/// <param name="Lambda">Lambda of TD(lambda).</param>
/// <param name="DoubleQ">Whether the network that learns chooses the actions that targets value.</param>
internal sealed record TargetSettings(double Gamma, double Lambda, bool DoubleQ);

/// <summary>Episodes of a team as tensors: T steps of B episodes of n agents with A alternatives each.</summary>
internal sealed class TeamSequences
{
    private readonly Placement _placement;
    private readonly float[]? _masks; // [T + 1, B, n, A]; null where actions are not masked

    /// <summary>Copies a batch.</summary>
    /// <param name="batch">The episodes.</param>
    /// <param name="placement">Where tensors live.</param>
    /// <param name="memory">Memory for the large arrays, which hold until the next batch is copied there.</param>
    public TeamSequences(EpisodeBatch batch, Placement placement, SequenceMemory memory)
    {
        (Batch, _placement) = (batch, placement);
        TransitionLayout layout = batch.Layout;
        TaskShape task = layout.Task;
        (Steps, Size, Agents) = (batch.Steps, batch.Size, task.Agents.Count);
        (ObservationSize, Alternatives) = (task.Agents[0].ObservationSize, task.Agents[0].ActionSpace.Count);
        bool masked = task.Agents[0].ActionSpace.IsMasked;
        int rows = Size * Agents;
        Rows = new SequenceRows([.. Enumerable.Range(0, Steps + 1).Select(t => (Array.FindLastIndex(batch.Lengths, length => length >= t) + 1) * Agents)]);
        InputValues = memory.Inputs(Rows.Total * InputStride);
        _masks = masked ? memory.Masks((Steps + 1) * rows * Alternatives) : null;
        (ChosenValues, Rewards) = (new long[Steps * rows], new float[Steps * Size]);
        float[] states = new float[(Steps + 1) * Size * task.StateSize], filled = new float[Steps * Size];
        for (int t = 0; t <= Steps; t++)
        {
            for (int b = 0; b < Size; b++)
            {
                ReadOnlySpan<float> record = batch.Record(t, b);
                int at = t * Size + b;
                record[layout.State].CopyTo(states.AsSpan(at * task.StateSize));
                for (int agent = 0; agent < Agents; agent++)
                    WriteView(t, b, agent, record);
                if (t >= batch.Lengths[b])
                    continue;
                filled[at] = 1;
                Rewards[at] = TeamReward(record);
                for (int agent = 0; agent < Agents; agent++)
                    ChosenValues[at * Agents + agent] = record[layout.Action(agent)].IndexOf(1f);
            }
        }
        States = placement.Tensor(states, Steps + 1, Size, task.StateSize);
        Chosen = placement.Index(ChosenValues).view(Steps, Size, Agents);
        Numbers = placement.Index([.. Enumerable.Range(0, Alternatives).Select(i => (long)i)]);
        Filled = placement.Tensor(filled, Steps * Size);
    }

    /// <summary>The episodes as they are kept.</summary>
    public EpisodeBatch Batch { get; }

    /// <summary>T.</summary>
    public int Steps { get; }

    /// <summary>B.</summary>
    public int Size { get; }

    /// <summary>n.</summary>
    public int Agents { get; }

    /// <summary>A.</summary>
    public int Alternatives { get; }

    public int ObservationSize { get; }

    /// <summary>Where rows of what agents see lie, B n sequences of at most T + 1 views.</summary>
    public SequenceRows Rows { get; }

    /// <summary>What agents see <c>[M, input stride]</c>: observation, last action and which agent, and zeros.</summary>
    public float[] InputValues { get; }

    /// <summary>Distance between what two agents see.</summary>
    public int InputStride => EncoderLayer.Stride(ObservationSize + Alternatives + Agents);

    /// <summary>Where actions are masked, which ones there are [T + 1, B, n, A].</summary>
    public Tensor? Available() => _masks is null ? null : _placement.Tensor(_masks[..((Steps + 1) * Size * Agents * Alternatives)], Steps + 1, Size, Agents, Alternatives).gt(0);

    /// <summary>The same of agent, episode and step number <c>(t B + b) n + agent</c>; empty where actions are not masked.</summary>
    public ReadOnlySpan<float> MaskOf(int number) => _masks is null ? default : _masks.AsSpan(number * Alternatives, Alternatives);

    /// <summary>Numbers of the available alternatives with the highest values: [T + 1, B, n, A] to [T + 1, B, n].</summary>
    public Tensor Best(Tensor values)
    {
        float[] numbers = values.ToFloats();
        var best = new long[numbers.Length / Alternatives];
        for (int i = 0; i < best.Length; i++)
            best[i] = ActionSampling.Likeliest(numbers.AsSpan(i * Alternatives, Alternatives), MaskOf(i));
        return _placement.Index(best).view(values.shape[..^1]);
    }

    /// <summary>Numbers as a tensor beside the others.</summary>
    public Tensor Tensor(float[] values, params long[] shape) => _placement.Tensor(values, shape);

    /// <summary>Numbers as a tensor beside the others.</summary>
    public Tensor Tensor(double[] values, params long[] shape) => _placement.Tensor(values, shape);

    /// <summary>What centralised critics see [T + 1, B, S].</summary>
    public Tensor States { get; }

    /// <summary>The same of the first steps, one after the other [steps B, S].</summary>
    public Tensor StatesOf(long steps) => States.narrow(0, 0, steps).flatten(0, 1);

    /// <summary>Numbers of the actions [T, B, n].</summary>
    public Tensor Chosen { get; }

    /// <summary>The same as numbers.</summary>
    public long[] ChosenValues { get; }

    /// <summary>0, 1, .. [A]</summary>
    public Tensor Numbers { get; }

    /// <summary>1 for steps of an episode [T B].</summary>
    public Tensor Filled { get; }

    /// <summary>The team's rewards <c>[T, B]</c>: the common one, or the sum of the agents' own.</summary>
    public float[] Rewards { get; }

    /// <summary>Steps of each episode <c>[B]</c>.</summary>
    public int[] Lengths => Batch.Lengths;

    /// <summary>Whether nothing follows each episode <c>[B]</c>.</summary>
    public bool[] Terminated => Batch.Terminated;

    /// <summary>1 where something follows a step, 0 for the last one of an episode that the task ended [T B].</summary>
    public Tensor Continues()
    {
        var continues = new float[Steps * Size];
        Array.Fill(continues, 1);
        for (int b = 0; b < Size; b++)
        {
            if (Terminated[b])
                continues[(Lengths[b] - 1) * Size + b] = 0;
        }
        return Tensor(continues, Steps * Size);
    }

    /// <summary>The returns that a joint value is to learn [T B, K], from joint values of what follows.</summary>
    /// <param name="values">Of every view, or several quantiles of it [(T + 1) B] or [(T + 1) B, K].</param>
    /// <param name="target">How values are learned.</param>
    public Tensor Returns(Tensor values, TargetSettings target) => Tensor(
        TdLambda.Returns(Rewards, Lengths, Terminated, values.ToFloats(), target.Gamma, target.Lambda), [Steps * Size, .. values.shape[1..]]);

    private void WriteView(int t, int b, int agent, ReadOnlySpan<float> record)
    {
        int at = (t * Size + b) * Agents + agent;
        // After an episode everything counts as available: where nothing is, there would be no best alternative.
        if (t > Batch.Lengths[b])
        {
            _masks?.AsSpan(at * Alternatives, Alternatives).Fill(1);
            return;
        }
        Span<float> input = InputValues.AsSpan((Rows.Offset(t) + b * Agents + agent) * InputStride, InputStride);
        input[ObservationSize..].Clear();
        record[Batch.Layout.Observation(agent)].CopyTo(input);
        if (t > 0)
            input[ObservationSize + (int)ChosenValues[at - Size * Agents]] = 1;
        input[ObservationSize + Alternatives + agent] = 1;
        if (_masks is not null)
            record[Batch.Layout.Mask(agent)].CopyTo(_masks.AsSpan(at * Alternatives, Alternatives));
    }

    private float TeamReward(ReadOnlySpan<float> record)
    {
        if (Batch.Layout.Task.SharedReward)
            return record[Batch.Layout.Reward(0)];
        float sum = 0;
        for (int agent = 0; agent < Agents; agent++)
            sum += record[Batch.Layout.Reward(agent)];
        return sum;
    }
}
