namespace SafeMarl.ML.Constraints;

/// <summary>
/// The price of a constraint on an expected cost, moved by projected gradient ascent:
/// <c>nu = clip(nu + rate (J_C - d), 0, max)</c> (FOCOPS, Algorithm 1; MAFOCOPS eq. 10).
/// </summary>
internal sealed class LagrangeMultiplier(double initial, double rate, double max, double limit)
{
    /// <summary>The multiplier nu.</summary>
    public double Value { get; set; } = initial;

    /// <summary>The limit d on the cost of an episode.</summary>
    public double Limit { get; } = limit;

    /// <summary>Moves the multiplier by how far the mean cost of an episode, J_C, is from the limit.</summary>
    public void Update(double episodeCost) => Value = Math.Clamp(Value + rate * (episodeCost - Limit), 0, max);
}
