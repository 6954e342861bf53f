using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using SafeMarl.ML.Policies;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// What the functions of each agent look at: everything and everybody, or the agent's observation and its neighbourhood's actions; and what its
/// stability certificate looks at.
/// </summary>
internal sealed class CriticInputs : IDisposable
{
    private readonly TaskShape _task;
    private readonly bool _centralized, _ownState;
    private readonly int[][] _covered; // agents whose actions are looked at
    private readonly Tensor[] _ownColumns; // of views
    private readonly int _widest;

    /// <param name="task">The task.</param>
    /// <param name="information">What critics and safety certificates look at.</param>
    /// <param name="neighborhood">Agents within so many steps along the communication graph belong to a neighbourhood.</param>
    /// <param name="stability">What stability certificates look at.</param>
    /// <param name="placement">Where tensors live.</param>
    public CriticInputs(TaskShape task, CriticInformation information, int neighborhood, StabilityInput stability, Placement placement)
    {
        (_task, _centralized, _ownState) = (task, information == CriticInformation.Centralized, stability == StabilityInput.OwnState);
        int[] all = [.. Enumerable.Range(0, task.Agents.Count)];
        _covered = [.. all.Select(agent => information switch
        {
            CriticInformation.Centralized => all,
            CriticInformation.OwnActions => [agent],
            _ => task.Neighborhood(agent, neighborhood),
        })];
        var layout = new TransitionLayout(task);
        _ownColumns = [.. task.Agents.Select((a, i) => placement.Index([.. a.OwnState.Select(column => (long)layout.Observation(i).Start.Value + column)]).DetachFromDisposeScope())];
        _widest = all.Max(agent => ViewSize(agent) + _covered[agent].Sum(ActionSize));
    }

    /// <summary>Numbers that the critic and the safety certificates of every agent take; smaller neighbourhoods are padded with zeros.</summary>
    public int JointSize => _widest;

    /// <summary>Numbers that an agent's stability certificate takes.</summary>
    public int StabilitySize(int agent) => _ownState ? _task.Agents[agent].OwnState.Count + ActionSize(agent) : JointSize;

    /// <summary>What an agent's critic and safety certificates look at [B, <see cref="JointSize"/>].</summary>
    /// <param name="batch">Whose views they are.</param>
    /// <param name="views">[B, view]</param>
    /// <param name="agent">The agent.</param>
    /// <param name="actions">Of all agents.</param>
    public Tensor Joint(TransitionTensors batch, Tensor views, int agent, IReadOnlyList<Tensor> actions)
    {
        Tensor view = _centralized ? batch.StateIn(views) : batch.ObservationIn(views, agent);
        List<Tensor> parts = [view, .. _covered[agent].Select(other => actions[other])];
        int missing = _widest - ViewSize(agent) - _covered[agent].Sum(ActionSize);
        if (missing > 0)
            parts.Add(zeros([view.shape[0], missing], dtype: view.dtype, device: view.device));
        return cat(parts, 1);
    }

    /// <summary>What an agent's stability certificate looks at [B, <see cref="StabilitySize"/>].</summary>
    public Tensor Stability(TransitionTensors batch, Tensor views, int agent, IReadOnlyList<Tensor> actions) => _ownState
        ? cat([views.index_select(1, _ownColumns[agent]), actions[agent]], 1)
        : Joint(batch, views, agent, actions);

    /// <summary>What an agent's certificates look at, for the policy that they travel with.</summary>
    /// <param name="agent">The agent.</param>
    /// <param name="safety">Index of the network of each of its safety certificates.</param>
    /// <param name="stability">Index of the network of its stability certificate, if it has one.</param>
    /// <param name="kind">What its safety certificates are values of.</param>
    /// <param name="gamma">Discount.</param>
    public CertificateShape Describe(int agent, IReadOnlyList<int> safety, int? stability, SafetyCertificateKind kind, double gamma)
    {
        int[] offsets = [.. _task.Agents.Select((_, i) => _task.Agents.Take(i).Sum(a => a.ActionSpace.Size))];
        return new CertificateShape(
            _task.Agents[agent].CostChannels, safety, stability, _centralized, ViewSize(agent), _task.Agents.Sum(a => a.ActionSpace.Size),
            [.. _covered[agent].Select(other => CertificateAction.Of(_task.Agents[other].ActionSpace, offsets[other]))], Array.IndexOf(_covered[agent], agent),
            _ownState ? _task.Agents[agent].OwnState : [], kind, gamma, Alarms: []);
    }

    private int ViewSize(int agent) => _centralized ? _task.StateSize : _task.Agents[agent].ObservationSize;

    private int ActionSize(int agent) => _task.Agents[agent].EncodedActionSize;

    public void Dispose()
    {
        foreach (Tensor columns in _ownColumns)
            columns.Dispose();
    }
}
