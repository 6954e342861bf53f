using SafeMarl.ML.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>
/// What all agents do at the same views, drawn once. Others' actions are numbers to an agent; its own carry its policy's gradient. An agent whose
/// policy has changed does the same draw again.
/// </summary>
internal sealed class JointActions
{
    private readonly SoftPolicies _policies;
    private readonly TransitionTensors _batch;
    private readonly Tensor _views;
    private readonly Func<int, Tensor>? _noise;
    private readonly Tensor?[] _drawn;
    private readonly Tensor[] _own, _values;
    private readonly Tensor?[] _logProbs;

    /// <param name="policies">Act.</param>
    /// <param name="batch">Whose views they are.</param>
    /// <param name="views">[B, view]</param>
    /// <param name="noise">Noise for a draw of an agent's actions; null: every agent does what is likeliest.</param>
    /// <param name="tracks">Whether an agent's own actions are to carry its policy's gradient.</param>
    public JointActions(SoftPolicies policies, TransitionTensors batch, Tensor views, Func<int, Tensor>? noise, Func<int, bool> tracks)
    {
        (_policies, _batch, _views, _noise) = (policies, batch, views, noise);
        int agents = batch.Layout.Task.Agents.Count;
        (_drawn, _own, _values, _logProbs) = (new Tensor?[agents], new Tensor[agents], new Tensor[agents], new Tensor?[agents]);
        for (int agent = 0; agent < agents; agent++)
        {
            _drawn[agent] = noise?.Invoke(agent);
            Act(agent, tracks(agent));
        }
    }

    /// <summary>The actions of all agents, without gradient [B, D or n].</summary>
    public IReadOnlyList<Tensor> Values => _values;

    /// <summary>An agent's actions, with its policy's gradient [B, D or n].</summary>
    public Tensor Own(int agent) => _own[agent];

    /// <summary>Their log-probability [B]; only where actions are drawn.</summary>
    public Tensor LogProb(int agent) => _logProbs[agent]!;

    /// <summary>The actions of all agents, one agent's replaced.</summary>
    public IReadOnlyList<Tensor> With(int agent, Tensor action) => [.. _values.Select((value, i) => i == agent ? action : value)];

    /// <summary>Lets an agent act anew, by the same draw, after its policy has changed.</summary>
    public void Redo(int agent) => Act(agent, tracked: false);

    private void Act(int agent, bool tracked)
    {
        using IDisposable mode = enable_grad(enabled: tracked);
        Tensor observations = _batch.ObservationIn(_views, agent);
        Tensor? masks = _batch.MaskOf(_views, agent);
        if (_drawn[agent] is { } noise)
            (_own[agent], _logProbs[agent]) = _policies[agent].Sample(observations, masks, noise);
        else
            _own[agent] = _policies[agent].Likeliest(observations, masks);
        _values[agent] = _own[agent].detach();
    }
}
