using static TorchSharp.torch;

namespace SafeMarl.ML.Algorithms.ValueFactorization;

/// <summary>M situations of a team of n agents, of which the values of what they do are to be mixed.</summary>
/// <param name="States">What centralised critics see [M, S].</param>
/// <param name="Values">Value of each agent's action [M, n].</param>
/// <param name="Best">Value of the best action that each agent had [M, n]; null where the mixer does not look at actions.</param>
/// <param name="Actions">The actions of all agents, one-hot [M, n A]; null likewise.</param>
internal sealed record Situation(Tensor States, Tensor Values, Tensor? Best = null, Tensor? Actions = null);

/// <summary>The value of a joint action as a function of the values that the agents give to their own ones.</summary>
internal abstract class Mixer(string name) : nn.Module(name)
{
    /// <summary>Whether it looks at the agents' actions, and at what their best ones are worth.</summary>
    public virtual bool SeesActions => false;

    /// <summary>The joint value [M].</summary>
    public abstract Tensor Mix(Situation situation);

    /// <summary>Something to add to a loss, of the situations last mixed; null: nothing.</summary>
    public virtual Tensor? Regularizer => null;

    /// <summary>
    /// The distribution of the return of a joint action (DFAC, Sun et al. 2021): its mean is mixed, its shape is the sum of the agents' own shapes,
    /// <c>Z(tau) = Psi(Q_1, .., Q_n) + sum_i (Z_i(tau) - Q_i)</c>.
    /// </summary>
    /// <param name="situation">Its values are the means of the distributions.</param>
    /// <param name="quantiles">Quantiles of each agent's return [M, n, K].</param>
    /// <returns>[M, K]</returns>
    public virtual Tensor MixDistributions(Situation situation, Tensor quantiles) =>
        Mix(situation).unsqueeze(1) + (quantiles - situation.Values.unsqueeze(2)).sum([1]);
}
