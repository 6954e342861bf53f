namespace SafeMarl.ML.Constraints;

/// <summary>
/// The price of a constraint on an expected cost. By itself moved by projected gradient ascent:
/// <c>nu = clip(nu + rate (J_C - d), 0, max)</c> (FOCOPS, Algorithm 1; MAFOCOPS eq. 10). With gains it answers to the excess of the moment and to
/// its rise as well, which damps the oscillation of price and policy (Stooke et al. 2020, Algorithm 2): the ascent is then the integral part.
/// </summary>
/// <param name="initial">Value at first.</param>
/// <param name="rate">Step per unit of excess.</param>
/// <param name="max">Upper bound.</param>
/// <param name="limit">The limit d on the cost of an episode.</param>
/// <param name="proportionalGain">Price per unit of excess.</param>
/// <param name="derivativeGain">Price per unit by which the cost has risen; a fall counts nothing.</param>
internal sealed class LagrangeMultiplier(double initial, double rate, double max, double limit, double proportionalGain = 0, double derivativeGain = 0)
{
    private double _integral = initial, _previous = double.NaN;

    /// <summary>The multiplier nu.</summary>
    public double Value { get; private set; } = initial;

    /// <summary>The limit d on the cost of an episode.</summary>
    public double Limit { get; } = limit;

    /// <summary>Whether it is at its upper bound and the cost cannot be priced any higher.</summary>
    public bool IsSaturated => Value >= max;

    /// <summary>Everything that changes: value, integral, previous cost.</summary>
    public double[] State
    {
        get => [Value, _integral, _previous];
        set => (Value, _integral, _previous) = (value[0], value[1], value[2]);
    }

    /// <summary>Moves the multiplier by how far the mean cost of an episode, J_C, is from the limit.</summary>
    public void Update(double episodeCost)
    {
        double excess = episodeCost - Limit, rise = double.IsNaN(_previous) ? 0 : Math.Max(0, episodeCost - _previous);
        _previous = episodeCost;
        _integral = Math.Clamp(_integral + rate * excess, 0, max);
        Value = Math.Clamp(_integral + proportionalGain * excess + derivativeGain * rise, 0, max);
    }

    /// <summary>One step of the ascent along a gradient that is not an episode's excess.</summary>
    public void Ascend(double gradient) => Value = _integral = Math.Clamp(_integral + rate * gradient, 0, max);
}
