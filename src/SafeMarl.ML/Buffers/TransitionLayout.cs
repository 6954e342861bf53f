namespace SafeMarl.ML.Buffers;

/// <summary>
/// Where everything lies in a record of one step: first the view (masks, observations, state), then the actions as critics see them, then what
/// the step brought. Where there is no global state, the observations serve as one. State and joint action follow one another.
/// </summary>
internal sealed class TransitionLayout
{
    private readonly int[] _masks, _observations, _actions, _costs;
    private readonly int _rewards, _deviations, _disturbances;

    public TransitionLayout(TaskShape task)
    {
        Task = task;
        int end = 0;
        _masks = Offsets(a => a.ActionSpace.IsMasked ? a.ActionSpace.Count : 0);
        _observations = Offsets(a => a.ObservationSize);
        State = task.HasState ? end..(end + task.StateSize) : _observations[0].._observations[^1];
        ViewSize = end = State.End.Value;
        _actions = Offsets(a => a.EncodedActionSize);
        _rewards = end;
        end += task.Agents.Count;
        _costs = Offsets(a => a.CostChannels.Count);
        _deviations = end;
        end += task.HasDeviation ? task.Agents.Count : 0;
        _disturbances = end;
        end += task.HasDisturbance ? task.Agents.Count : 0;
        Ending = end;
        Size = end + 1;

        int[] Offsets(Func<AgentShape, int> size)
        {
            int[] offsets = [end, .. task.Agents.Select(agent => end += size(agent))];
            return offsets;
        }
    }

    /// <summary>The task.</summary>
    public TaskShape Task { get; }

    /// <summary>Numbers in a record.</summary>
    public int Size { get; }

    /// <summary>Numbers in the view that begins a record.</summary>
    public int ViewSize { get; }

    /// <summary>What centralised critics see.</summary>
    public Range State { get; }

    /// <summary>The actions of all agents.</summary>
    public Range JointAction => _actions[0].._actions[^1];

    /// <summary>How the step left the episode, see <see cref="ReplayBuffer"/>.</summary>
    public int Ending { get; }

    public Range Mask(int agent) => Part(_masks, agent);

    public Range Observation(int agent) => Part(_observations, agent);

    public Range Action(int agent) => Part(_actions, agent);

    public int Reward(int agent) => _rewards + agent;

    public int Cost(int agent, int channel) => _costs[agent] + channel;

    /// <summary>Only where the task reports deviations.</summary>
    public int Deviation(int agent) => _deviations + agent;

    /// <summary>Only where the task reports disturbances.</summary>
    public int Disturbance(int agent) => _disturbances + agent;

    private static Range Part(int[] offsets, int agent) => offsets[agent]..offsets[agent + 1];
}
