using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

/// <summary>The simple policies that SMAClite was played with: they look at available actions and at who is hurt.</summary>
internal sealed class ScriptedPolicy(string name, SkirmishBattle battle)
{
    private const int NoOp = 0, Stop = 1, East = 4, FirstTarget = 6;

    public void Act(StepMemory memory, ref RandomStream random, Span<float> actions)
    {
        if (name == "random")
        {
            RandomActions.Sample(battle.Spec, memory[0], ref random, actions);
            return;
        }
        for (int agent = 0; agent < actions.Length; agent++)
            actions[agent] = Choose(agent, memory[0].ActionMask(agent));
    }

    private int Choose(int agent, ReadOnlySpan<float> mask)
    {
        if (mask[NoOp] == 1)
            return NoOp;
        UnitStates units = battle.Simulation.Units;
        int[] targets = units.Types[units.Allies[agent]].IsHealer ? units.Allies : units.Enemies;
        int best = -1;
        double least = double.PositiveInfinity;
        for (int j = 0; j < targets.Length; j++)
        {
            double strength = name switch
            {
                "focus" => j,
                "weakest" or "hold_weakest" => units.Hp[targets[j]] + units.Shield[targets[j]],
                _ => throw new ArgumentException($"There is no policy '{name}'."),
            };
            if (mask[FirstTarget + j] == 1 && strength < least)
                (best, least) = (FirstTarget + j, strength);
        }
        return best >= 0 ? best : name != "hold_weakest" && mask[East] == 1 ? East : Stop;
    }
}
