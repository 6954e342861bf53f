using Microsoft.ML;
using SafeMarl.ML;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Shows what is in a policy's file: where it comes from, its agents, its certificates and its safety card.</summary>
internal static class InspectCommand
{
    public static int Inspect(string path)
    {
        Policy policy = StoredPolicy.Load(new MLContext(), path).Policy.Policy;
        PolicyOrigin origin = policy.Origin;
        Show("policy",
        [
            ("algorithm", origin.Algorithm.Length > 0 ? origin.Algorithm : "-"), ("task", origin.Environment.Length > 0 ? origin.Environment : "-"),
            ("trained for", $"{origin.Steps:N0} steps, seed {origin.Seed}"),
            ("cost limits", origin.CostLimits.Count > 0 ? string.Join(", ", origin.CostLimits.Select(l => $"{l.Key} {l.Value}")) : "none"),
            ("parameters", $"{policy.CountParameters():N0}"),
        ]);
        Show(policy.Agents);
        if (policy.SafetyCard is { } card)
            Show(card);
        else
            AnsiConsole.MarkupLine("no safety card: the policy is not verified (safemarl verify)");
        return 0;
    }

    public static void Show(SafetyCard card)
    {
        Show("safety card",
        [
            ("task", card.Task),
            ("episodes", $"{card.Episodes:N0} fresh ones ({card.DistinctEpisodes:N0} distinct), seed {card.Seed}, {(card.Deterministic ? "likeliest" : "drawn")} actions"),
            ("counted", $"{card.Counted}, {card.MeanLosses:0.####} in an episode on average"),
            ("limit", $"{card.MaxLosses}"),
            ("unsafe episodes", $"{card.UnsafeEpisodes:N0} of {card.Episodes:N0}"),
            ("epsilon", $"{card.Epsilon}"),
            ("confidence", $"{card.Confidence:0.##########%}{(card.Candidates > 1 ? $", shared by {card.Candidates} candidates" : "")}"),
            ("chosen limit", $"{card.ChosenLimit.Losses} with {card.ChosenLimit.Exceedances:N0} allowed above it, epsilon {card.ChosenLimit.Epsilon}"),
            ("made", $"{card.Date.UtcDateTime:yyyy-MM-dd HH:mm} UTC, SafeMarl.ML {card.LibraryVersion}"),
        ]);
        foreach (string statement in new[] { card.Statement, card.ChosenStatement, card.TheoremStatement })
            AnsiConsole.MarkupLine(Markup.Escape(statement));
        if (card.DistinctEpisodes < card.Episodes)
            AnsiConsole.MarkupLine(Markup.Escape($"Only {card.DistinctEpisodes:N0} of the {card.Episodes:N0} episodes differed: the task is hardly random under this policy, and the certificate is about just these."));
    }

    private static void Show(IReadOnlyList<PolicyAgent> agents)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("agent", "observes", "does", "certificates", "alarm below");
        foreach (PolicyAgent agent in agents)
        {
            AgentCertificates? certificates = agent.Certificates;
            string[] cells =
            [
                agent.Name, $"{agent.ObservationSize}", agent.ActionSpace.ToString(),
                certificates is null ? "-" : string.Join(", ", certificates.Costs.Select(c => $"safety, {c}").Concat(certificates.HasStability ? ["stability"] : [])),
                certificates is null || certificates.Alarms.Count == 0 ? "-" : string.Join(", ", certificates.Alarms.Select(a => $"{a.Cost} {a.Threshold:0.####}")),
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        AnsiConsole.Write(table);
    }

    private static void Show(string title, (string Name, string Value)[] rows)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns(Markup.Escape(title), "");
        foreach ((string name, string value) in rows)
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        AnsiConsole.Write(table);
    }
}
