namespace SafeMarl.Environments.Tests;

/// <summary>What every environment must satisfy. A new environment inherits this and says how it is made.</summary>
public abstract class EnvironmentContractTests
{
    protected abstract IMultiAgentEnvironment Create();

    [Test]
    public void Environment_PlayedAtRandom_KeepsTheContract()
    {
        EnvironmentReport report = EnvironmentChecker.Check(Create);

        Assert.That(report.Passed, Is.True, report.ToString());
    }

    [Test]
    public void Environment_InAVector_GivesTheSameBitsForAnyNumberOfThreads()
    {
        string one = Trace(threads: 1), two = Trace(threads: 2), three = Trace(threads: 3);

        Assert.Multiple(() =>
        {
            Assert.That(two, Is.EqualTo(one));
            Assert.That(three, Is.EqualTo(one));
        });

        string Trace(int threads)
        {
            using var vector = new VectorEnvironment(Create, 5, threads);
            return VectorTrace.Play(vector, seed: 3, steps: 60);
        }
    }

    [Test]
    public void Environment_RestoredInAVector_ContinuesWithTheSameBits()
    {
        using var source = new VectorEnvironment(Create, 3, 2);
        using var target = new VectorEnvironment(Create, 3, 1);
        if (!source.CanRestore)
            Assert.Ignore($"{source.Spec.Name} does not offer to save its state.");
        VectorTrace.Play(source, seed: 5, steps: 17);
        using var state = new MemoryStream();
        source.SaveState(new BinaryWriter(state));
        state.Position = 0;
        target.Reset(99);
        target.RestoreState(new BinaryReader(state));

        Assert.That(VectorTrace.Continue(target, seed: 7, steps: 40), Is.EqualTo(VectorTrace.Continue(source, seed: 7, steps: 40)));
    }
}
