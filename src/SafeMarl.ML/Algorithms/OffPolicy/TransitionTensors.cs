using SafeMarl.ML.Buffers;
using SafeMarl.ML.Networks;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>A batch of transitions as tensors, each copied to the device once; everything else is a part of these.</summary>
/// <param name="Layout">Where everything lies in a record.</param>
/// <param name="Records">The steps [B, record].</param>
/// <param name="NextViews">The views after them [B, view].</param>
/// <param name="Continues">0 where the step ended the task, else 1 [B].</param>
/// <param name="BootstrapViews">The views after n steps [B, view].</param>
/// <param name="AllDiscounts">gamma^n [B].</param>
/// <param name="BootstrapContinues">0 where the task ended within the n steps, else 1 [B].</param>
/// <param name="AllReturns">Discounted rewards of n steps [B, A].</param>
/// <param name="Weights">Per agent, 0 leaves a sample out of its policy's objective [B]; null: all count.</param>
internal sealed record TransitionTensors(
    TransitionLayout Layout, Tensor Records, Tensor NextViews, Tensor Continues, Tensor BootstrapViews, Tensor AllDiscounts, Tensor BootstrapContinues, Tensor AllReturns,
    IReadOnlyList<Tensor>? Weights = null)
{
    public static TransitionTensors From(OffPolicyBatch batch, Placement placement)
    {
        int size = batch.Size, view = batch.Layout.ViewSize;
        Tensor next = placement.Tensor(batch.Next, size, view);
        return new TransitionTensors(
            batch.Layout,
            placement.Tensor(batch.Records, size, batch.Layout.Size),
            next,
            1 - placement.Tensor(batch.Terminated, size),
            batch.ReturnSteps == 1 ? next : placement.Tensor(batch.Bootstrap, size, view),
            placement.Tensor(batch.Discounts, size),
            1 - placement.Tensor(batch.BootstrapTerminated, size),
            placement.Tensor(batch.Returns, size, batch.Layout.Task.Agents.Count));
    }

    /// <summary>gamma^n, or 0 where the task ended within the n steps [B].</summary>
    public Tensor BootstrapDiscounts => AllDiscounts * BootstrapContinues;

    /// <summary>What centralised critics see [B, state].</summary>
    public Tensor State => Part(Records, Layout.State);

    /// <summary>The actions of all agents [B, sum over agents].</summary>
    public Tensor JointAction => Part(Records, Layout.JointAction);

    /// <summary>The action of an agent, as critics see it [B, D or n].</summary>
    public Tensor Action(int agent) => Part(Records, Layout.Action(agent));

    /// <summary>[B, observation]</summary>
    public Tensor Observation(int agent) => Part(Records, Layout.Observation(agent));

    /// <summary>[B, n], or null where actions are not masked.</summary>
    public Tensor? Mask(int agent) => MaskOf(Records, agent);

    /// <summary>An agent's reward [B].</summary>
    public Tensor Reward(int agent) => Column(Layout.Reward(agent));

    /// <summary>A cost of an agent [B].</summary>
    public Tensor Cost(int agent, int channel) => Column(Layout.Cost(agent, channel));

    /// <summary>An agent's deviation [B].</summary>
    public Tensor Deviation(int agent) => Column(Layout.Deviation(agent));

    /// <summary>How strongly an agent was disturbed [B].</summary>
    public Tensor Disturbance(int agent) => Column(Layout.Disturbance(agent));

    /// <summary>Discounted rewards of n steps of an agent [B].</summary>
    public Tensor Returns(int agent) => AllReturns.select(1, agent);

    /// <summary>What the views after a step, or after n steps, show [B, ...].</summary>
    public Tensor StateIn(Tensor views) => Part(views, Layout.State);

    public Tensor ObservationIn(Tensor views, int agent) => Part(views, Layout.Observation(agent));

    public Tensor? MaskOf(Tensor views, int agent) => Layout.Task.Agents[agent].ActionSpace.IsMasked ? Part(views, Layout.Mask(agent)) : null;

    private Tensor Column(int index) => Records.select(1, index);

    private static Tensor Part(Tensor records, Range columns) => records.narrow(1, columns.Start.Value, columns.End.Value - columns.Start.Value);
}
