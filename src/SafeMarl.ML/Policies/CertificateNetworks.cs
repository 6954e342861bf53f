namespace SafeMarl.ML.Policies;

/// <summary>Certificates that are to travel with a policy.</summary>
/// <param name="Networks">Networks, to be added behind those of the policy.</param>
/// <param name="Agents">What each agent has, by indices among all networks.</param>
internal sealed record CertificateNetworks(IReadOnlyList<NetworkShape> Networks, IReadOnlyList<CertificateShape> Agents);
