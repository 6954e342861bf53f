using System.Text.Json;
using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

/// <summary>
/// Battles that SMAClite played. Where two units touch exactly side by side, rounding decides who gives way, so a step that begins in the recorded
/// state may differ in a few numbers, and a whole battle soon takes another course. In files that say that walls were
/// in range of moving units, the motion of units near walls is not compared: the reference forgets their radius there.
/// </summary>
[Category("Golden")]
public sealed class TraceGoldenTests
{
    /// <summary>Share of the compared numbers that may be off.</summary>
    private const double AllowedShare = 0.002;

    private const double DoubleTolerance = 1e-6, SingleTolerance = 1e-4;

    private const int FreeSteps = 3;
    private const double FloatTolerance = 2e-6; // of observations and states, which are recorded with six decimals and reported in single precision

    private static IEnumerable<TestCaseData> Files() => RecordedBattle.Cases();

    [TestCaseSource(nameof(Files))]
    public void Step_FromARecordedState_GivesTheNextOne(string path)
    {
        RecordedBattle recorded = RecordedBattle.Read(path);
        using SkirmishBattle battle = recorded.Create();
        var memory = new StepMemory(battle.Spec, 1);
        var comparison = new Comparison(recorded.IsDouble ? DoubleTolerance : SingleTolerance);
        battle.Reset(0, memory[0]);
        for (int step = 0; step < recorded.Steps.Count; step++)
        {
            recorded.Load(battle, step);
            EpisodeStatus status = recorded.Play(battle, step, memory);
            Compare(battle, recorded, memory, status, step, comparison);
        }
        TestContext.Out.WriteLine($"{comparison.Outliers.Count} of {comparison.Numbers} numbers are off; {comparison.NearWalls} units near walls left out");

        Assert.That(comparison.Outliers.Count, Is.LessThanOrEqualTo(AllowedShare * comparison.Numbers), string.Join('\n', comparison.Outliers.Take(20)));
    }

    [TestCaseSource(nameof(Files))]
    public void Battle_FromTheStart_TakesTheRecordedCourse(string path)
    {
        RecordedBattle recorded = RecordedBattle.Read(path);
        using SkirmishBattle battle = recorded.Create();
        var memory = new StepMemory(battle.Spec, 1);
        var comparison = new Comparison(recorded.IsDouble ? DoubleTolerance : SingleTolerance);
        battle.Reset(0, memory[0]);
        comparison.Masks(battle, memory, [.. recorded.Root.GetProperty("initial_avail").EnumerateArray().Select(a => string.Concat(RecordedBattle.Whole(a)))], "start");
        comparison.View(battle, memory, recorded.Root, "initial_", "start");
        for (int step = 0; step < Math.Min(FreeSteps, recorded.Steps.Count); step++)
            Compare(battle, recorded, memory, recorded.Play(battle, step, memory), step, comparison);

        Assert.That(comparison.Outliers.Count, Is.LessThanOrEqualTo(AllowedShare * comparison.Numbers), string.Join('\n', comparison.Outliers.Take(20)));
    }

    [TestCaseSource(nameof(Files))]
    public void Spec_HasTheRecordedSizes(string path)
    {
        RecordedBattle recorded = RecordedBattle.Read(path);
        using SkirmishBattle battle = recorded.Create();

        Assert.That(battle.Spec.Agents.Select(a => (double)a.ObservationSize), Is.All.EqualTo(recorded.Root.Number("obs_size")));
        Assert.That(battle.Spec.Agents.Select(a => (double)a.ActionSpace.Count), Is.All.EqualTo(recorded.Root.Number("n_actions")));
        Assert.That(battle.Spec.StateSize, Is.EqualTo(recorded.Root.Number("state_size")));
    }

    private static void Compare(SkirmishBattle battle, RecordedBattle recorded, StepMemory memory, EpisodeStatus status, int step, Comparison comparison)
    {
        JsonElement record = recorded.Steps[step];
        string where = $"step {step}";
        UnitStates units = battle.Simulation.Units;
        double[] hp = record.Numbers("hp");
        double[] x = record.Numbers("x"), y = record.Numbers("y");
        bool[] nearWall = [.. Enumerable.Range(0, units.Count).Select(i => recorded.WallsMatter && IsNearWall(battle, i, new Vector2D(x[i], y[i])))];
        comparison.NearWalls += nearWall.Count(near => near);
        foreach ((string name, double[] values) in RecordedBattle.Quantities(units))
        {
            double[] expected = record.Numbers(name);
            for (int unit = 0; unit < units.Count; unit++)
            {
                bool bothDead = hp[unit] is 0 && !units.IsAlive(unit); // what they died with is nobody's business
                if (!bothDead && !(nearWall[unit] && name is ("x" or "y" or "vx" or "vy")))
                    comparison.Number(values[unit], expected[unit], $"{where}: {name} of unit {unit}");
            }
        }
        int[] targets = RecordedBattle.Whole(record.GetProperty("target"));
        for (int unit = 0; unit < units.Count; unit++)
        {
            bool aims = units.IsAlive(unit) && units.Target[unit] >= 0 && units.IsAlive(units.Target[unit]);
            comparison.Number(aims ? units.Target[unit] : -1, units.IsAlive(unit) ? targets[unit] : -1, $"{where}: target of unit {unit}");
        }
        comparison.Number(memory[0].Reward(0), record.Number("reward"), $"{where}: reward");
        comparison.Number(status == EpisodeStatus.Terminated ? 1 : 0, record.Number("done"), $"{where}: done");
        comparison.Number(status == EpisodeStatus.Terminated && battle.GoalReached ? 1 : 0, record.Number("battle_won"), $"{where}: battle_won");
        comparison.Masks(battle, memory, [.. record.GetProperty("avail").EnumerateArray().Select(a => a.GetString()!)], where);
        if (record.TryGetProperty("obs", out _) && !nearWall.Contains(true))
            comparison.View(battle, memory, record, "", where);
    }

    private static bool IsNearWall(SkirmishBattle battle, int unit, Vector2D position)
    {
        UnitStates units = battle.Simulation.Units;
        double step = units.Speed[unit] / 2, range = units.Radius[unit] + units.Speed[unit] + step;
        return units.Types[unit].Plane == UnitPlane.Ground && battle.Map.Terrain.Walls.Any(w => w.DistanceSquared(position) < range * range);
    }

    private sealed class Comparison(double tolerance)
    {
        public List<string> Outliers { get; } = [];

        public int Numbers { get; private set; }

        public int NearWalls { get; set; }

        public void Number(double actual, double expected, string what) => Number(actual, expected, tolerance, what);

        public void Masks(SkirmishBattle battle, StepMemory memory, string[] expected, string where)
        {
            for (int agent = 0; agent < battle.Spec.Agents.Count; agent++)
            {
                Span<float> mask = memory[0].ActionMask(agent);
                for (int action = 0; action < mask.Length; action++)
                    Number(mask[action], expected[agent][action] - '0', $"{where}: availability of action {action} of agent {agent}");
            }
        }

        public void View(SkirmishBattle battle, StepMemory memory, JsonElement record, string prefix, string where)
        {
            JsonElement observations = record.GetProperty(prefix + "obs");
            for (int agent = 0; agent < battle.Spec.Agents.Count; agent++)
                Floats(memory[0].Observation(agent), observations[agent].Numbers(), $"{where}: observation of agent {agent}");
            Floats(memory[0].State, record.Numbers(prefix + "state"), $"{where}: state");
        }

        private void Floats(ReadOnlySpan<float> actual, double[] expected, string what)
        {
            for (int i = 0; i < expected.Length; i++)
                Number(actual[i], expected[i], FloatTolerance, $"{what}[{i}]");
        }

        private void Number(double actual, double expected, double within, string what)
        {
            Numbers++;
            if (!(Math.Abs(actual - expected) <= within))
                Outliers.Add($"{what} is {actual:R}, recorded {expected:R}");
        }
    }
}
