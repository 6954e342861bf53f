using Microsoft.ML.Data;
using Microsoft.ML.Transforms;

namespace SafeMarl.ML.Policies;

// These classes are contracts: saved models name them, so names, columns and meanings never change. ML.NET needs them to be public
// and fills their fields directly.
#pragma warning disable CA1051

/// <summary>Gives every row the key of the table that lists the model's agents.</summary>
[CustomMappingFactoryAttribute(Contract)]
public sealed class PolicyKeyMapping : CustomMappingFactory<PolicyKeyMapping.Row, PolicyKeyMapping.Result>
{
    /// <summary>Name in saved models.</summary>
    public const string Contract = "SafeMarl.ML.PolicyKey/1";

    private static readonly ReadOnlyMemory<char> ManifestKey = PolicyArtifact.ManifestKey.AsMemory();

    /// <inheritdoc/>
    public override Action<Row, Result> GetMapping() => static (_, result) => result.Key = ManifestKey;

    /// <summary>What is read.</summary>
    public sealed class Row
    {
        /// <summary>Name of the agent.</summary>
        [ColumnName(PolicyArtifact.Agent)]
        public ReadOnlyMemory<char> Agent;
    }

    /// <summary>What is written.</summary>
    public sealed class Result
    {
        /// <summary>Key of the manifest.</summary>
        [ColumnName(PolicyArtifact.Key)]
        public ReadOnlyMemory<char> Key;
    }
}

/// <summary>Acts for agents with box actions.</summary>
[CustomMappingFactoryAttribute(Contract)]
public sealed class PolicyMapping : StatefulCustomMappingFactory<PolicyMapping.Row, PolicyMapping.Result, PolicyMappingState>
{
    /// <summary>Name in saved models.</summary>
    public const string Contract = "SafeMarl.ML.Policy/1";

    /// <inheritdoc/>
    public override Action<PolicyMappingState> GetStateInitAction() => static _ => { };

    /// <inheritdoc/>
    public override Action<Row, Result, PolicyMappingState> GetMapping() => static (row, result, state) =>
    {
        PolicyAgent agent = state.Agent(row.Agent, row.Parameters, row.Manifest);
        VBufferEditor<float> action = VBufferEditor.Create(ref result.Action, agent.ActionSpace.Size);
        agent.Act(state.Observation(row.Observation), default, action.Values);
        agent.Clip(action.Values);
        result.Action = action.Commit();
    };

    /// <summary>What is read.</summary>
    public sealed class Row
    {
        /// <summary>Name of the agent.</summary>
        [ColumnName(PolicyArtifact.Agent)]
        public ReadOnlyMemory<char> Agent;

        /// <summary>The agent's parameters as text; empty when the model has no such agent.</summary>
        [ColumnName(PolicyArtifact.Parameters)]
        public ReadOnlyMemory<char> Parameters;

        /// <summary>Names of the model's agents as JSON.</summary>
        [ColumnName(PolicyArtifact.Manifest)]
        public ReadOnlyMemory<char> Manifest;

        /// <summary>What the agent observes.</summary>
        [ColumnName(PolicyArtifact.Observation), VectorType]
        public VBuffer<float> Observation;
    }

    /// <summary>What is written.</summary>
    public sealed class Result
    {
        /// <summary>What the agent does.</summary>
        [ColumnName(PolicyArtifact.Action), VectorType]
        public VBuffer<float> Action;
    }
}

/// <summary>Acts for agents some of which have discrete actions, none of them masked.</summary>
[CustomMappingFactoryAttribute(Contract)]
public sealed class DiscretePolicyMapping : StatefulCustomMappingFactory<PolicyMapping.Row, DiscretePolicyMapping.Result, PolicyMappingState>
{
    /// <summary>Name in saved models.</summary>
    public const string Contract = "SafeMarl.ML.DiscretePolicy/1";

    /// <inheritdoc/>
    public override Action<PolicyMappingState> GetStateInitAction() => static _ => { };

    /// <inheritdoc/>
    public override Action<PolicyMapping.Row, Result, PolicyMappingState> GetMapping() => static (row, result, state) =>
        Act(state.Agent(row.Agent, row.Parameters, row.Manifest), state.Observation(row.Observation), default, result);

    /// <summary>Fills in the action and the probabilities of the alternatives; those of a box action are empty.</summary>
    internal static void Act(PolicyAgent agent, ReadOnlySpan<float> observation, ReadOnlySpan<float> mask, Result result)
    {
        VBufferEditor<float> action = VBufferEditor.Create(ref result.Action, agent.ActionSpace.Size);
        VBufferEditor<float> score = VBufferEditor.Create(ref result.Score, agent.ActionSpace.Count);
        if (agent.ActionSpace.IsDiscrete)
        {
            agent.Act(observation, mask, memory: default, action.Values, score.Values);
        }
        else
        {
            agent.Act(observation, mask, action.Values);
            agent.Clip(action.Values);
        }
        result.Action = action.Commit();
        result.Score = score.Commit();
    }

    /// <summary>What is written.</summary>
    public sealed class Result
    {
        /// <summary>What the agent does.</summary>
        [ColumnName(PolicyArtifact.Action), VectorType]
        public VBuffer<float> Action;

        /// <summary>Probability of each alternative.</summary>
        [ColumnName(PolicyArtifact.Score), VectorType]
        public VBuffer<float> Score;
    }
}

/// <summary>Acts for agents some of which have masked actions. Rows of the others have an empty mask.</summary>
[CustomMappingFactoryAttribute(Contract)]
public sealed class MaskedPolicyMapping : StatefulCustomMappingFactory<MaskedPolicyMapping.Row, DiscretePolicyMapping.Result, PolicyMappingState>
{
    /// <summary>Name in saved models.</summary>
    public const string Contract = "SafeMarl.ML.MaskedPolicy/1";

    /// <inheritdoc/>
    public override Action<PolicyMappingState> GetStateInitAction() => static _ => { };

    /// <inheritdoc/>
    public override Action<Row, DiscretePolicyMapping.Result, PolicyMappingState> GetMapping() => static (row, result, state) =>
        DiscretePolicyMapping.Act(state.Agent(row.Agent, row.Parameters, row.Manifest), state.Observation(row.Observation), state.Mask(row.ActionMask), result);

    /// <summary>What is read.</summary>
    public sealed class Row
    {
        /// <summary>Name of the agent.</summary>
        [ColumnName(PolicyArtifact.Agent)]
        public ReadOnlyMemory<char> Agent;

        /// <summary>The agent's parameters as text; empty when the model has no such agent.</summary>
        [ColumnName(PolicyArtifact.Parameters)]
        public ReadOnlyMemory<char> Parameters;

        /// <summary>Names of the model's agents as JSON.</summary>
        [ColumnName(PolicyArtifact.Manifest)]
        public ReadOnlyMemory<char> Manifest;

        /// <summary>What the agent observes.</summary>
        [ColumnName(PolicyArtifact.Observation), VectorType]
        public VBuffer<float> Observation;

        /// <summary>1 for each available alternative.</summary>
        [ColumnName(PolicyArtifact.Mask), VectorType]
        public VBuffer<float> ActionMask;
    }
}

/// <summary>Acts for agents that remember their episode.</summary>
[CustomMappingFactoryAttribute(Contract)]
public sealed class RecurrentPolicyMapping : StatefulCustomMappingFactory<RecurrentPolicyMapping.Row, RecurrentPolicyMapping.Result, PolicyMappingState>
{
    /// <summary>Name in saved models.</summary>
    public const string Contract = "SafeMarl.ML.RecurrentPolicy/1";

    /// <inheritdoc/>
    public override Action<PolicyMappingState> GetStateInitAction() => static _ => { };

    /// <inheritdoc/>
    public override Action<Row, Result, PolicyMappingState> GetMapping() => static (row, result, state) =>
    {
        PolicyAgent agent = state.Agent(row.Agent, row.Parameters, row.Manifest);
        VBufferEditor<float> next = VBufferEditor.Create(ref result.NextHidden, agent.MemorySize);
        ReadOnlySpan<float> hidden = state.Hidden(row.Hidden);
        if (hidden.IsEmpty)
            next.Values.Clear();
        else if (hidden.Length == agent.MemorySize)
            hidden.CopyTo(next.Values);
        else
            throw new ArgumentException($"Agent '{agent.Name}' remembers {agent.MemorySize} numbers, or none in an episode's first step; {ColumnNames.Hidden} has {hidden.Length}.");
        VBufferEditor<float> action = VBufferEditor.Create(ref result.Action, agent.ActionSpace.Size), score = VBufferEditor.Create(ref result.Score, agent.ActionSpace.Count);
        agent.Act(state.Observation(row.Observation), agent.ActionSpace.IsMasked ? state.Mask(row.ActionMask) : default, next.Values, action.Values, score.Values);
        agent.Clip(action.Values);
        (result.Action, result.Score, result.NextHidden) = (action.Commit(), score.Commit(), next.Commit());
    };

    /// <summary>What is read.</summary>
    public sealed class Row
    {
        /// <summary>Name of the agent.</summary>
        [ColumnName(PolicyArtifact.Agent)]
        public ReadOnlyMemory<char> Agent;

        /// <summary>The agent's parameters as text; empty when the model has no such agent.</summary>
        [ColumnName(PolicyArtifact.Parameters)]
        public ReadOnlyMemory<char> Parameters;

        /// <summary>Names of the model's agents as JSON.</summary>
        [ColumnName(PolicyArtifact.Manifest)]
        public ReadOnlyMemory<char> Manifest;

        /// <summary>What the agent observes.</summary>
        [ColumnName(PolicyArtifact.Observation), VectorType]
        public VBuffer<float> Observation;

        /// <summary>1 for each available alternative; anything, where no actions are masked.</summary>
        [ColumnName(PolicyArtifact.Mask), VectorType]
        public VBuffer<float> ActionMask;

        /// <summary>What the agent remembers; empty in an episode's first step.</summary>
        [ColumnName(PolicyArtifact.Hidden), VectorType]
        public VBuffer<float> Hidden;
    }

    /// <summary>What is written.</summary>
    public sealed class Result
    {
        /// <summary>What the agent does.</summary>
        [ColumnName(PolicyArtifact.Action), VectorType]
        public VBuffer<float> Action;

        /// <summary>Value of each alternative.</summary>
        [ColumnName(PolicyArtifact.Score), VectorType]
        public VBuffer<float> Score;

        /// <summary>What the agent remembers from now on.</summary>
        [ColumnName(PolicyArtifact.NextHidden), VectorType]
        public VBuffer<float> NextHidden;
    }
}

/// <summary>Says what an agent's certificates make of what all agents do.</summary>
[CustomMappingFactoryAttribute(Contract)]
public sealed class CertificateMapping : StatefulCustomMappingFactory<CertificateMapping.Row, CertificateMapping.Result, PolicyMappingState>
{
    /// <summary>Name in saved models.</summary>
    public const string Contract = "SafeMarl.ML.Certificate/1";

    /// <inheritdoc/>
    public override Action<PolicyMappingState> GetStateInitAction() => static _ => { };

    /// <inheritdoc/>
    public override Action<Row, Result, PolicyMappingState> GetMapping() => static (row, result, state) =>
    {
        PolicyAgent agent = state.Agent(row.Agent, row.Parameters, row.Manifest);
        AgentCertificates certificates = agent.Certificates ?? throw new InvalidOperationException($"Agent '{agent.Name}' has no certificates.");
        ReadOnlySpan<float> observation = state.Observation(row.Observation), jointAction = state.JointAction(row.JointAction);
        ReadOnlySpan<float> view = certificates.LooksAtState ? state.State(row.State) : observation;
        VBufferEditor<float> safety = VBufferEditor.Create(ref result.Safety, certificates.Costs.Count);
        certificates.Safety(view, jointAction, safety.Values);
        result.Safety = safety.Commit();
        result.Stability = certificates.HasStability ? certificates.Stability(observation, view, jointAction) : float.NaN;
    };

    /// <summary>What is read.</summary>
    public sealed class Row
    {
        /// <summary>Name of the agent.</summary>
        [ColumnName(PolicyArtifact.Agent)]
        public ReadOnlyMemory<char> Agent;

        /// <summary>The agent's parameters as text; empty when the model has no such agent.</summary>
        [ColumnName(PolicyArtifact.Parameters)]
        public ReadOnlyMemory<char> Parameters;

        /// <summary>Names of the model's agents as JSON.</summary>
        [ColumnName(PolicyArtifact.Manifest)]
        public ReadOnlyMemory<char> Manifest;

        /// <summary>What the agent observes.</summary>
        [ColumnName(PolicyArtifact.Observation), VectorType]
        public VBuffer<float> Observation;

        /// <summary>The state; the observation again, where no certificate looks at it.</summary>
        [ColumnName(PolicyArtifact.State), VectorType]
        public VBuffer<float> State;

        /// <summary>What all agents do.</summary>
        [ColumnName(PolicyArtifact.JointAction), VectorType]
        public VBuffer<float> JointAction;
    }

    /// <summary>What is written.</summary>
    public sealed class Result
    {
        /// <summary>The safety certificate of each cost.</summary>
        [ColumnName(PolicyArtifact.Safety), VectorType]
        public VBuffer<float> Safety;

        /// <summary>The stability certificate; NaN where the agent has none.</summary>
        [ColumnName(PolicyArtifact.Stability)]
        public float Stability;
    }
}
