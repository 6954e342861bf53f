using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace SafeMarl.StandIns.Tests.MicrosoftML;

internal sealed class LogTests
{
    [Test]
    public void Log_MessagesOfAHostsChannel_NameSourceAndKind()
    {
        var ml = new MLContext(seed: 1);
        var seen = new List<LoggingEventArgs>();
        ml.Log += (_, message) => seen.Add(message);

        using (IChannel channel = ((IHostEnvironment)ml).Register("Trainer").Start("Training"))
        {
            channel.Info(MessageSensitivity.None, "Saw {0} rows", 3);
            channel.Warning(MessageSensitivity.None, "a {brace} is left alone");
            channel.Error(MessageSensitivity.None, "bad {0}", "news");
            channel.Trace(MessageSensitivity.None, "detail");
        }

        LoggingEventArgs[] own = [.. seen.Where(m => !m.RawMessage.StartsWith("Channel ", StringComparison.Ordinal))];
        Assert.That(own.Select(m => m.Message), Is.EqualTo(new[]
        {
            "[Source=Trainer; Training, Kind=Info] Saw 3 rows",
            "[Source=Trainer; Training, Kind=Warning] a {brace} is left alone",
            "[Source=Trainer; Training, Kind=Error] bad news",
            "[Source=Trainer; Training, Kind=Trace] detail",
        }));
        Assert.That(own.Select(m => m.RawMessage).First(), Is.EqualTo("Saw 3 rows"));
        Assert.That(own.Select(m => m.Kind), Is.EqualTo(new[] { ChannelMessageKind.Info, ChannelMessageKind.Warning, ChannelMessageKind.Error, ChannelMessageKind.Trace }));
        Assert.That(own.Select(m => m.Source), Is.All.EqualTo("Trainer; Training"));
        Assert.That(seen.Select(m => m.RawMessage.Split('.')[0]).Except(own.Select(m => m.RawMessage)),
            Is.EqualTo(new[] { "Channel started", "Channel finished", "Channel disposed" }));
    }

    [Test]
    public void Log_HostsWithinHosts_AreNamedInFull()
    {
        var ml = new MLContext(seed: 1);
        var sources = new HashSet<string>();
        ml.Log += (_, message) => sources.Add(message.Source);

        using IChannel inner = ((IHostEnvironment)ml).Register("Outer").Register("Inner").Start("Channel");
        using IChannel root = ((IHostEnvironment)ml).Start("Root");
        using IPipe<ChannelMessage> pipe = ((IHostEnvironment)ml).StartPipe<ChannelMessage>("Pipe");
        using IPipe<int> silent = ((IHostEnvironment)ml).StartPipe<int>("Silent");
        silent.Send(1);

        Assert.That(sources, Is.EquivalentTo(new[] { "Outer; Inner; Channel", "Root", "Pipe" }));
        Assert.That(silent.ContextDescription, Is.EqualTo("Silent"));
    }

    [Test]
    public void Channel_DisposedTwice_SaysSoOnce()
    {
        var ml = new MLContext(seed: 1);
        int messages = 0;
        ml.Log += (_, _) => messages++;

        IChannel channel = ((IHostEnvironment)ml).Start("Once");
        channel.Dispose();
        int afterFirst = messages;
        channel.Dispose();

        Assert.That((afterFirst, messages), Is.EqualTo((3, 3)));
    }

    [Test]
    public void Log_NobodyListens_NothingIsFormatted()
    {
        using IChannel channel = ((IHostEnvironment)new MLContext()).Start("Quiet");

        Assert.That(() => channel.Info(MessageSensitivity.None, "{0} {1}", 1), Throws.Nothing);
    }

    [Test]
    public void LoggingEventArgs_OfAMessageAlone_HasNoSource()
    {
        var message = new LoggingEventArgs("hello");

        Assert.That((message.Message, message.RawMessage, message.Source), Is.EqualTo(("hello", "hello", (string?)null)));
    }

    [Test]
    public void HostRand_SameSeedAndName_DrawsTheSame()
    {
        int first = Draw(new MLContext(seed: 5), "Trainer");

        Assert.That(Draw(new MLContext(seed: 5), "Trainer"), Is.EqualTo(first));
        Assert.That(Draw(new MLContext(seed: 5), "Other"), Is.Not.EqualTo(first));
        Assert.That(Draw(new MLContext(seed: 6), "Trainer"), Is.Not.EqualTo(first));
        Assert.That(Draw(new MLContext(seed: 6), "Trainer", seed: 9), Is.EqualTo(Draw(new MLContext(seed: 5), "Other", seed: 9)));
    }

    [Test]
    public void ProgressChannel_OfAHost_TakesHeadersAndCheckpoints()
    {
        IHost host = ((IHostEnvironment)new MLContext(seed: 1)).Register("Trainer");
        var header = new ProgressHeader(["MeanReturn"], ["steps"]);

        using IProgressChannel progress = host.StartProgressChannel("Training");
        using IProgressChannel nested = progress.StartProgressChannel("Evaluation");

        Assert.That((header.MetricNames[0], header.UnitNames[0]), Is.EqualTo(("MeanReturn", "steps")));
        Assert.That(() => progress.SetHeader(header, entry => entry.SetProgress(0, 1, 2)), Throws.Nothing);
        Assert.That(() => nested.Checkpoint(1.0, null), Throws.Nothing);
        Assert.That(() => progress.SetHeader(null!, _ => { }), Throws.ArgumentNullException);
    }

    [Test]
    public void Process_AnException_GivesItBack()
    {
        IHost host = ((IHostEnvironment)new MLContext(seed: 1)).Register("Trainer");
        var error = new InvalidOperationException();

        Assert.That(host.Process(error), Is.SameAs(error));
        Assert.That(host.ContextDescription, Is.EqualTo("Trainer"));
    }

    private static int Draw(MLContext ml, string name, int? seed = null) => ((IHostEnvironment)ml).Register(name, seed).Rand.Next();
}
