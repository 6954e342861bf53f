using System.Text.Json;
using SafeMarl.Environments.SafeMujoco;

namespace SafeMarl.Environments.Tests.SafeMujoco;

/// <summary>Plays a task along a recorded trajectory and stops at each of its records.</summary>
internal static class RecordedMotion
{
    public static void Follow(MujocoTask task, JsonElement golden, Action<JsonElement, string> compare, Func<double[], double[]>? ownOrder = null, Action<bool>? afterStep = null)
    {
        var memory = new StepMemory(task.Spec, 1);
        task.Begin(golden.Numbers("init_qpos"), golden.Numbers("init_qvel"), memory[0]);
        Dictionary<int, JsonElement> records = golden.GetProperty("steps").EnumerateArray().ToDictionary(s => s.GetProperty("step").GetInt32());
        bool sinusoidal = golden.GetProperty("action").GetString() == "sin";
        int actions = golden.GetProperty("n_action").GetInt32(), compared = 0;
        for (int step = 1; step <= golden.GetProperty("last_comparable_step").GetInt32(); step++)
        {
            double[] action = [.. Enumerable.Range(0, actions).Select(j => sinusoidal ? 0.5 * Math.Sin((0.1 * (step - 1) * (j + 1)) + j) : 0)];
            bool over = task.Advance(ownOrder?.Invoke(action) ?? action);
            afterStep?.Invoke(over);
            if (!records.TryGetValue(step, out JsonElement record))
                continue;
            Numeric.AssertClose(action, record.Numbers("a"), 1e-12, $"step {step}: action");
            compare(record, $"step {step}");
            compared++;
        }
        Assert.That(compared, Is.GreaterThanOrEqualTo(10));
    }
}
