using SafeMarl.Environments;

namespace SafeMarl.ML.Policies;

/// <summary>How the outputs of a policy's network become an action.</summary>
internal enum PolicyHead
{
    /// <summary>Means of a Gaussian, one per dimension of a box; the standard deviations do not depend on the observation.</summary>
    Gaussian,

    /// <summary>Means and logarithms of standard deviations of a Gaussian whose draws are squashed into the box by tanh.</summary>
    SquashedGaussian,

    /// <summary>Logits of the alternatives.</summary>
    Categorical,

    /// <summary>Values of the alternatives from a recurrent network; the highest is taken, but for exploration.</summary>
    Greedy,
}

/// <summary>An agent of a policy: who it is, what it can do, and which network serves it in which way.</summary>
/// <param name="Name">The agent's name.</param>
/// <param name="ActionSpace">What it can do.</param>
/// <param name="Head">How the network's outputs become an action.</param>
/// <param name="Network">Index of its network.</param>
/// <param name="Certificates">Its certificates, if it has any.</param>
/// <param name="Id">Which agent it is to a network that tells agents apart.</param>
internal sealed record AgentNetwork(string Name, ActionSpace ActionSpace, PolicyHead Head, int Network, CertificateShape? Certificates = null, int Id = 0)
{
    /// <summary>Numbers that the network gives.</summary>
    public int OutputSize => OutputsOf(ActionSpace, Head);

    /// <summary>Indices of all its networks.</summary>
    public IEnumerable<int> Networks => Certificates is null ? [Network] : [Network, .. Certificates.Networks];

    /// <summary>The same with other indices of its networks.</summary>
    public AgentNetwork With(Func<int, int> index) => this with { Network = index(Network), Certificates = Certificates?.With(index) };

    /// <summary>Numbers that a network gives for a head.</summary>
    public static int OutputsOf(ActionSpace space, PolicyHead head) => head switch
    {
        PolicyHead.Categorical or PolicyHead.Greedy => space.Count,
        PolicyHead.SquashedGaussian => 2 * space.Size,
        _ => space.Size,
    };
}
