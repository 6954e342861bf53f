using SafeMarl.ML.Buffers;
using SafeMarl.ML.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.OffPolicy;

/// <summary>What the functions of MAS3AC's agents learn, and what their policies are judged by, as independent pieces of work.</summary>
internal sealed class Mas3acObjective(TaskShape task, Mas3acOptions options, CriticInputs inputs, IReadOnlyList<Mas3acAgent> agents)
{
    /// <summary>What a function learns.</summary>
    /// <param name="Name">Name in metrics.</param>
    /// <param name="Function">The function.</param>
    /// <param name="Inputs">Where [B, inputs].</param>
    /// <param name="Target">What [B].</param>
    internal sealed record Lesson(string Name, ActionValue Function, Tensor Inputs, Func<Tensor> Target);

    /// <summary>A part of a policy's objective.</summary>
    /// <param name="Value">Its value, weighted.</param>
    /// <param name="Present">Its gradient to the agent's actions of the step [B, D], if it has one.</param>
    /// <param name="Next">Its gradient to the agent's actions after the step [B, D], if it has one.</param>
    /// <param name="MoveMultipliers">What its penalty does to multipliers, given their rate and the policy's, and what is reported of it.</param>
    internal sealed record Term(double Value, Tensor? Present, Tensor? Next, Action<double, double, Metrics> MoveMultipliers);

    private double HingeScale => options.HingeSum == HingeSum.Discounted ? 1 / (1 - options.Gamma) : 1;

    /// <summary>What Q, every H and V of an agent learn from a batch.</summary>
    public IEnumerable<Lesson> Lessons(TransitionTensors batch, int agent, Mas3acDraws draws, double temperature)
    {
        Mas3acAgent own = agents[agent];
        string name = task.Agents[agent].Name;
        Tensor joint = inputs.Joint(batch, batch.Records, agent, Stored(batch));
        Tensor bootstrap = inputs.Joint(batch, batch.BootstrapViews, agent, draws.Bootstrap.Values), logProbs = draws.Bootstrap.LogProb(agent).detach();
        Tensor discounts = options.MaskTerminated ? batch.BootstrapDiscounts : batch.AllDiscounts;
        yield return new Lesson($"critic/{name}", own.Reward, joint, () => SoftPolicyLoss.Target(batch.Returns(agent), discounts, own.Reward.Target(bootstrap), logProbs, temperature));

        Tensor continues = Continues(batch), next = inputs.Joint(batch, batch.NextViews, agent, draws.CertifiedTargets.Values);
        for (int channel = 0; channel < own.Safety.Count; channel++)
        {
            (ActionValue certificate, Tensor violation) = (own.Safety[channel], Violation(batch, agent, channel));
            yield return new Lesson($"safety/{name}/{task.Agents[agent].CostChannels[channel]}", certificate, joint, options.SafetyCertificate == SafetyCertificateKind.Barrier
                ? () => CertificateLoss.Target(-violation, continues, certificate.Target(next), options.Gamma)
                : () => CertificateLoss.ReachabilityTarget(violation, continues, certificate.Target(next), options.Gamma));
        }

        if (own.Stability is not { } stability)
            yield break;
        Tensor deviation = batch.Deviation(agent);
        if (options.ActuationWeight > 0)
            deviation = deviation + batch.Action(agent).square().sum(1) * options.ActuationWeight;
        Tensor nextOwn = inputs.Stability(batch, batch.NextViews, agent, draws.CertifiedTargets.Values);
        yield return new Lesson($"stability/{name}", stability, inputs.Stability(batch, batch.Records, agent, Stored(batch)),
            () => CertificateLoss.Target(deviation, continues, stability.Target(nextOwn), options.Gamma));
    }

    /// <summary>The parts of an agent's objective beside its entropy.</summary>
    public Func<Term>[] Terms(TransitionTensors batch, int agent, Mas3acDraws draws)
    {
        Mas3acAgent own = agents[agent];
        return
        [
            .. options.UseReward ? new[] { () => Reward(batch, agent, draws) } : [],
            .. own.Safety.Select((_, channel) => (Func<Term>)(() => Safety(batch, agent, channel, draws))),
            .. own.Stability is null ? [] : new[] { () => Stability(batch, agent, draws) },
        ];
    }

    // -E[min Q(x, u)], u being the joint action that the policies choose now.
    private Term Reward(TransitionTensors batch, int agent, Mas3acDraws draws)
    {
        Tensor action = Leaf(draws.Present!, agent);
        IReadOnlyList<Tensor> joint = options.OthersActions == StepActions.Redrawn ? draws.Present!.With(agent, action) : [.. Stored(batch).Select((stored, i) => i == agent ? action : stored)];
        Tensor loss = -agents[agent].Reward.Of(inputs.Joint(batch, batch.Records, agent, joint)).mean();
        loss.backward();
        return new Term(loss.ToDouble(), action.grad, null, (_, _, _) => { });
    }

    // lambda 1 (E[h] + 1/2 E[h^2]), h = max(0, (1 - epsilon) H(x, u) - H(x', u')) (eqs. 8 and 10).
    private Term Safety(TransitionTensors batch, int agent, int channel, Mas3acDraws draws)
    {
        bool isBarrier = options.SafetyCertificate == SafetyCertificateKind.Barrier;
        (ActionValue certificate, PenaltyMultiplier multiplier) = (agents[agent].Safety[channel], agents[agent].SafetyMultipliers[channel]);
        JointActions actions = isBarrier ? draws.CertifiedNext : draws.Present!;
        Tensor action = Leaf(actions, agent);
        Tensor value = certificate.Of(inputs.Joint(batch, isBarrier ? batch.NextViews : batch.Records, agent, actions.With(agent, action)));
        Tensor hinge = isBarrier
            ? CertificateLoss.SafetyHinge(Untracked(() => certificate.Of(inputs.Joint(batch, batch.Records, agent, HingeActions(batch, draws)))), value, Continues(batch), options.SafetyDecay)
            : CertificateLoss.ReachabilityHinge(value);
        (string name, string cost) = (task.Agents[agent].Name, task.Agents[agent].CostChannels[channel]);
        Penalised penalised = Penalise(hinge, options.UseSafety ? multiplier.Value : 0);
        if (options.UseSafety)
            penalised.Loss.backward();
        return new Term(penalised.Value, isBarrier ? null : action.grad, isBarrier ? action.grad : null, (rate, _, metrics) =>
        {
            if (options.UseSafety)
                multiplier.Update(penalised.Penalty, rate);
            metrics.Add($"{MetricNames.Multiplier}/{name}/{cost}", multiplier.Value);
            metrics.Add($"hinge/safety/{name}/{cost}", penalised.MeanHinge);
        });
    }

    // lambda 2 (E[h] + 1/2 E[h^2]), h = max(0, V(s', u') - (1 - alpha') V(s, u) - kappa |d|) (eqs. 9 and 10).
    private Term Stability(TransitionTensors batch, int agent, Mas3acDraws draws)
    {
        Mas3acAgent own = agents[agent];
        ActionValue certificate = own.Stability!;
        Tensor action = Leaf(draws.CertifiedNext, agent);
        Tensor next = certificate.Of(inputs.Stability(batch, batch.NextViews, agent, draws.CertifiedNext.With(agent, action)));
        Tensor present = Untracked(() => certificate.Of(inputs.Stability(batch, batch.Records, agent, HingeActions(batch, draws))));
        Tensor? allowance = options.DisturbanceGain > 0 && task.HasDisturbance ? batch.Disturbance(agent) * options.DisturbanceGain : null;
        Tensor rho = tensor(own.Decay.Value, dtype: present.dtype, device: present.device, requires_grad: true);
        Tensor decrease = present * options.StabilityDecay, coupling = zeros_like(present);
        if (options.AdaptStabilityDecay)
        {
            decrease = present * rho.sigmoid();
            foreach (int neighbor in task.Agents[agent].Neighbors.Where(n => agents[n].Stability is not null))
                coupling = coupling + Untracked(() => agents[neighbor].Stability!.Of(inputs.Stability(batch, batch.Records, neighbor, HingeActions(batch, draws)))) * options.InterAgentGain;
        }
        Penalised penalised = Penalise(CertificateLoss.StabilityHinge(present, next, decrease - coupling, allowance, Continues(batch)), options.UseStability ? own.StabilityMultiplier.Value : 0);
        Penalised gain = Penalise(CertificateLoss.GainHinge(coupling, decrease, options.GainMargin), options.UseStability && options.AdaptStabilityDecay ? own.GainMultiplier.Value : 0);
        if (options.UseStability)
            (penalised.Loss + gain.Loss).backward();
        string name = task.Agents[agent].Name;
        bool adapts = options.UseStability && options.AdaptStabilityDecay;
        double slope = adapts ? rho.grad!.ToDouble() : 0;
        return new Term(penalised.Value + gain.Value, null, action.grad, (rate, policyRate, metrics) =>
        {
            if (options.UseStability)
                own.StabilityMultiplier.Update(penalised.Penalty, rate);
            metrics.Add($"stability multiplier/{name}", own.StabilityMultiplier.Value);
            metrics.Add($"hinge/stability/{name}", penalised.MeanHinge);
            if (!adapts)
                return;
            own.GainMultiplier.Update(gain.Penalty, rate);
            own.Decay.LearningRate = policyRate;
            own.Decay.Step(slope);
            metrics.Add($"decay/{name}", 1 / (1 + Math.Exp(-own.Decay.Value)));
            metrics.Add($"hinge/gain/{name}", gain.MeanHinge);
        });
    }

    /// <summary>A hinge's penalty, weighted and not.</summary>
    private sealed record Penalised(Tensor Loss, double Value, double Penalty, double MeanHinge);

    private Penalised Penalise(Tensor hinge, double weight)
    {
        Tensor penalty = CertificateLoss.Penalty(hinge, options.UseSquaredTerm) * HingeScale;
        Tensor loss = penalty * weight;
        return new Penalised(loss, loss.ToDouble(), penalty.ToDouble(), hinge.mean().ToDouble());
    }

    private Tensor[] Stored(TransitionTensors batch) => [.. agents.Select((_, i) => batch.Action(i))];

    private IReadOnlyList<Tensor> HingeActions(TransitionTensors batch, Mas3acDraws draws) => options.HingeActions == StepActions.Stored ? Stored(batch) : draws.Present!.Values;

    private Tensor Continues(TransitionTensors batch) => options.MaskTerminated ? batch.Continues : ones_like(batch.Continues);

    private Tensor Violation(TransitionTensors batch, int agent, int channel)
    {
        Tensor cost = batch.Cost(agent, channel);
        return options.BarrierSignal == BarrierSignal.Indicator ? cost.gt(0).to(cost.dtype) : cost;
    }

    // The agent's actions, as numbers that gradients are taken to.
    private static Tensor Leaf(JointActions actions, int agent)
    {
        Tensor leaf = actions.Own(agent).detach();
        leaf.requires_grad = true;
        return leaf;
    }

    private static Tensor Untracked(Func<Tensor> value)
    {
        using var untracked = no_grad();
        return value();
    }
}
