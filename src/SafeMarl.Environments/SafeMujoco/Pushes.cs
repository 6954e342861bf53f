using SafeMarl.Environments.Mujoco;

namespace SafeMarl.Environments.SafeMujoco;

/// <summary>Draws and applies the pushes of a task.</summary>
internal sealed class Pushes
{
    private const double Gravity = 9.81;

    private readonly int[] _bodies;
    private readonly double[] _deviations;
    private readonly double[] _force = new double[3];
    private RandomStream _random;

    /// <param name="model">The model.</param>
    /// <param name="disturbance">How strong they are.</param>
    /// <param name="torsos">Names of the bodies that are pushed.</param>
    public Pushes(MujocoModel model, Disturbance disturbance, IEnumerable<string> torsos)
    {
        double share = disturbance switch { Disturbance.Small => 0.05, Disturbance.Medium => 0.2, Disturbance.Strong => 0.5, _ => 0 };
        _bodies = share == 0 ? [] : [.. torsos.Select(name => model.Find("body", name))];
        _deviations = [.. _bodies.Select(body => share * Gravity * model.SubtreeMass(body))];
    }

    /// <summary>Begins an episode's pushes.</summary>
    public void Reset(long seed) => _random = new RandomStream(RandomStream.Derive(seed, 1));

    /// <summary>Pushes for the next step.</summary>
    public void Apply(MujocoSimulation simulation)
    {
        for (int i = 0; i < _bodies.Length; i++)
        {
            (_force[0], _force[1]) = (_deviations[i] * _random.NextGaussian(), _deviations[i] * _random.NextGaussian());
            simulation.Push(_bodies[i], _force);
        }
    }

    public void Save(BinaryWriter writer) => _random.Save(writer);

    public void Load(BinaryReader reader) => _random = RandomStream.Load(reader);
}
