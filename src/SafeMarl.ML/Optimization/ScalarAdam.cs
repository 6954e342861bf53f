using SafeMarl.ML.Files;

namespace SafeMarl.ML.Optimization;

/// <summary>Adam (Kingma and Ba, algorithm 1) for one number, such as the logarithm of a temperature.</summary>
internal sealed class ScalarAdam(double initial, double learningRate, double epsilon = 1e-8)
{
    private const double Beta1 = 0.9, Beta2 = 0.999;

    private double _first, _second;
    private long _steps;

    /// <summary>The number.</summary>
    public double Value { get; set; } = initial;

    /// <summary>Step size.</summary>
    public double LearningRate { get; set; } = learningRate;

    /// <summary>One step down a gradient.</summary>
    public void Step(double gradient)
    {
        _steps++;
        _first = Beta1 * _first + (1 - Beta1) * gradient;
        _second = Beta2 * _second + (1 - Beta2) * gradient * gradient;
        double first = _first / (1 - Math.Pow(Beta1, _steps)), second = _second / (1 - Math.Pow(Beta2, _steps));
        Value -= LearningRate * first / (Math.Sqrt(second) + epsilon);
    }

    public void Save(TensorFile file, string name) => file.Add<double>(name, [Value, _first, _second, _steps]);

    public void Load(TensorFile file, string name)
    {
        double[] state = file.Get<double>(name, 4);
        (Value, _first, _second, _steps) = (state[0], state[1], state[2], (long)state[3]);
    }
}
