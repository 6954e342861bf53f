using SafeMarl.Environments;
using SafeMarl.ML.Policies;

namespace SafeMarl.ML.Tests.Support;

/// <summary>Policies for the toy tasks whose certificates are linear functions that a test can compute by hand.</summary>
internal static class CertifiedPolicies
{
    /// <summary>
    /// For <see cref="ToyEnvironment.Kind.SharedBoxes"/>: agents stand still, their certificates look at the state of three numbers and at the joint action. The
    /// safety certificate is minus the relu of state and action numbers weighted by 1, 2, 3, ...; the stability certificate that of the first observation
    /// number and the agent's own actions weighted by 1, 2, 3.
    /// </summary>
    public static Policy ForSharedBoxes(bool looksAtState = true, SafetyCertificateKind kind = SafetyCertificateKind.Barrier)
    {
        EnvironmentSpec spec = new ToyEnvironment(ToyEnvironment.Kind.SharedBoxes).Spec;
        var networks = new List<DenseNetwork>();
        int view = looksAtState ? spec.StateSize : spec.Agents[0].ObservationSize;
        AgentNetwork[] agents = [.. spec.Agents.Select((agent, i) =>
        {
            int policy = Add(new NetworkShape(agent.ObservationSize, 4, 4, 1, Activation.ReLU, false, false), 0);
            int safety = Add(new NetworkShape(view + 4, 1, 4, 1, Activation.ReLU, false, false), kind == SafetyCertificateKind.Barrier ? -1 : 1);
            int stability = Add(new NetworkShape(3, 1, 4, 1, Activation.ReLU, false, false), 1);
            var shape = new CertificateShape(
                ["far"], [safety], stability, looksAtState, view, 4, [.. spec.Agents.Select((a, j) => CertificateAction.Of(a.ActionSpace, 2 * j))], i, [0], kind, 0.9, []);
            return new AgentNetwork(agent.Name, agent.ActionSpace, PolicyHead.SquashedGaussian, policy, shape);
        })];
        return new Policy([.. networks], agents);

        // One hidden unit with weights 1, 2, 3, ...; the output is its relu times a factor.
        int Add(NetworkShape shape, float factor)
        {
            var network = new DenseNetwork(shape);
            var weights = new float[4 * shape.Inputs];
            for (int i = 0; i < shape.Inputs; i++)
                weights[i] = i + 1;
            network.Set("hidden0.weight", weights);
            var output = new float[shape.Outputs * 4];
            output[0] = factor;
            network.Set("output.weight", output);
            networks.Add(network);
            return networks.Count - 1;
        }
    }

    /// <summary>The same with a threshold for every alarm.</summary>
    public static Policy WithThreshold(this Policy policy, double threshold) => policy.WithAlarms(
        [.. policy.Agents.Select(a => (IReadOnlyList<AlarmThreshold>)[.. a.Certificates!.Costs.Select(cost => new AlarmThreshold(cost, threshold, AlarmRule.BoundsMisses, 0.1, 10, 100, 50, 0.95, 0.02))])]);
}
