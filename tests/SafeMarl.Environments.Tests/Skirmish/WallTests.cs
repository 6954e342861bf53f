using SafeMarl.Environments.Skirmish;

namespace SafeMarl.Environments.Tests.Skirmish;

public sealed class WallTests
{
    [Test]
    public void Outline_OfOneCell_HasFourConvexWallsWithTheCellOnTheLeft()
    {
        Wall[] walls = WallOutline.Trace(3, 3, (x, y) => (x, y) == (1, 1));

        Assert.That(walls.Select(w => (w.Start, w.End)), Is.EqualTo(new[]
        {
            (new Vector2D(1, 1), new Vector2D(2, 1)), (new Vector2D(2, 1), new Vector2D(2, 2)), (new Vector2D(2, 2), new Vector2D(1, 2)), (new Vector2D(1, 2), new Vector2D(1, 1)),
        }));
        Assert.That(walls, Is.All.Matches((Wall w) => w.StartIsConvex && w.EndIsConvex && !w.Faces(new Vector2D(1.5, 1.5))));
    }

    [Test]
    public void Outline_OfAFrame_IsConvexOutsideAndConcaveInside()
    {
        Wall[] walls = WallOutline.Trace(5, 5, (x, y) => (x is 0 or 4 && y is >= 0 and <= 4) || (y is 0 or 4 && x is >= 0 and <= 4));

        Assert.That(walls, Has.Length.EqualTo(8));
        Assert.That(walls.Where(w => w.Faces(new Vector2D(2.5, 2.5))).Select(w => (w.StartIsConvex, (w.End - w.Start).Length)), Is.EqualTo(Enumerable.Repeat((false, 3.0), 4)));
        Assert.That(walls.Count(w => w.StartIsConvex), Is.EqualTo(4));
    }

    [Test]
    public void Outline_OfCellsThatTouchAtACorner_KeepsThemApart() =>
        Assert.That(WallOutline.Trace(4, 4, (x, y) => (x, y) is (1, 1) or (2, 2)), Has.Length.EqualTo(8).And.All.Matches((Wall w) => w.StartIsConvex));

    [Test]
    public void TryAllow_BeforeALongWall_LimitsTheSpeedTowardsItByTheDistanceLessTheRadius()
    {
        // A horizontal wall 2 below: within a second a unit of radius 0.5 may sink by 1.5.
        var wall = new Wall(new Vector2D(10, -2), new Vector2D(-10, -2), new Vector2D(-1, 0), new Vector2D(0, 1), new Vector2D(0, -1));
        Assert.That(wall.Faces(default), Is.True);
        Assert.That(WallAvoidance.TryAllow(wall, default, new Vector2D(0, -1), 0.5, 1, out HalfPlane plane), Is.True);

        Assert.That(plane.Violation(new Vector2D(3, -1.5)), Is.EqualTo(0).Within(1e-12));
        Assert.That(plane.Violation(new Vector2D(-3, -1.6)), Is.EqualTo(0.1).Within(1e-12));
    }

    [TestCase("marine", 1, 8, TestName = "Unit_ThatWalksIntoTheSouthernWall_KeepsItsRadiusAway")]
    [TestCase("colossus", 0, 24, TestName = "Unit_ThatWalksIntoTheNorthernWall_KeepsItsRadiusAway")]
    public void Walk(string unit, int heading, double wall)
    {
        SkirmishMap map = MapReader.Read($$"""
            { "name": "walk", "episodeLength": 9, "terrain": "band", "attackPoint": [31, 16],
              "groups": [{ "side": "ally", "at": [5, 16], "units": { "{{unit}}": 1 } }, { "side": "enemy", "at": [28, 16], "units": { "marine": 1 } }] }
            """, "walk");
        var battle = new BattleSimulation(map, 1);
        battle.Reset();
        for (int step = 0; step < 20; step++)
        {
            battle.OrderMove(0, heading);
            battle.Step();
        }

        Assert.That(Math.Abs(battle.Units.Y[0] - wall), Is.EqualTo(battle.Units.Radius[0]).Within(0.01).And.GreaterThanOrEqualTo(battle.Units.Radius[0] - 1e-9));
        Assert.That(battle.Units.X[0], Is.EqualTo(5).Within(1e-9), "it does not drift along the wall");
    }

    [TestCase("corridor")]
    [TestCase("bane_vs_bane")]
    [TestCase("6h_vs_8z")]
    [TestCase("3s_vs_5z")]
    public void Units_InRandomBattles_KeepTheirRadiusFromWalls(string map)
    {
        using var battle = new SkirmishBattle(SkirmishMap.BuiltIn(map));
        UnitStates units = battle.Simulation.Units;
        var memory = new StepMemory(battle.Spec, 1);
        var actions = new float[battle.Spec.Agents.Count];
        var random = new RandomStream(4);
        double[] clearance = new double[units.Count]; // how far each unit has ever been from walls: some start too near
        for (int episode = 0; episode < 5; episode++)
        {
            battle.Reset(episode, memory[0]);
            Array.Clear(clearance);
            for (EpisodeStatus status = EpisodeStatus.Running; status == EpisodeStatus.Running;)
            {
                Look();
                RandomActions.Sample(battle.Spec, memory[0], ref random, actions);
                status = battle.Step(actions, memory[0]);
            }
        }

        void Look()
        {
            for (int unit = 0; unit < units.Count; unit++)
            {
                if (!units.IsAlive(unit))
                    continue;
                double distance = Math.Sqrt(battle.Map.Terrain.Walls.Min(w => w.DistanceSquared(units.Position(unit)))), needed = Math.Min(units.Radius[unit], clearance[unit]);
                Assert.That(distance, Is.GreaterThanOrEqualTo(needed - 1e-6), $"{units.Types[unit].Name} {unit} at ({units.X[unit]}, {units.Y[unit]})");
                clearance[unit] = Math.Max(clearance[unit], distance);
            }
        }
    }
}
