using Spectre.Console;

namespace SafeMarl.Samples;

/// <summary>What the output can show.</summary>
internal static class Terminal
{
    /// <summary>Plain text of a fixed width where the output is not a terminal, so that logs stay readable.</summary>
    public static void Configure()
    {
        if (!Console.IsOutputRedirected)
            return;
        AnsiConsole.Profile.Capabilities.Ansi = false;
        AnsiConsole.Profile.Capabilities.Interactive = false;
        AnsiConsole.Profile.Capabilities.ColorSystem = ColorSystem.NoColors;
        AnsiConsole.Profile.Width = 140;
    }
}
