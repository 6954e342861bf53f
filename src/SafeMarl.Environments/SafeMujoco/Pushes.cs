using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>Draws and applies the pushes of a task.</summary>
internal sealed class Pushes
{
    private const double Gravity = 9.81;

    private readonly int[] _bodies;
    private readonly double[] _weights;
    private readonly double[] _force = new double[3];
    private readonly double _share;
    private RandomStream _random;

    /// <param name="model">The model.</param>
    /// <param name="disturbance">How strong they are.</param>
    /// <param name="torsos">Names of the bodies that are pushed.</param>
    /// <param name="robot">Name of the root body whose weight counts; null: each pushed body's own, with what hangs on it.</param>
    public Pushes(MujocoModel model, Disturbance disturbance, IEnumerable<string> torsos, string? robot = null)
    {
        _share = disturbance switch { Disturbance.Small => 0.05, Disturbance.Medium => 0.2, Disturbance.Strong => 0.5, _ => 0 };
        _bodies = _share == 0 ? [] : [.. torsos.Select(name => model.Find("body", name))];
        _weights = [.. _bodies.Select(body => Gravity * model.SubtreeMass(robot is null ? body : model.Find("body", robot)))];
        Strengths = new double[_bodies.Length];
    }

    /// <summary>How strong the last push on each torso was, as a share of its weight; empty without disturbance.</summary>
    public double[] Strengths { get; }

    /// <summary>Begins an episode's pushes.</summary>
    public void Reset(long seed) => _random = new RandomStream(RandomStream.Derive(seed, 1));

    /// <summary>Pushes for the next step.</summary>
    public void Apply(MujocoSimulation simulation)
    {
        for (int i = 0; i < _bodies.Length; i++)
        {
            double deviation = _share * _weights[i];
            (_force[0], _force[1]) = (deviation * _random.NextGaussian(), deviation * _random.NextGaussian());
            Strengths[i] = Math.Sqrt(_force[0] * _force[0] + _force[1] * _force[1]) / _weights[i];
            simulation.Push(_bodies[i], _force);
        }
    }

    public void Save(BinaryWriter writer) => _random.Save(writer);

    public void Load(BinaryReader reader) => _random = RandomStream.Load(reader);
}
