using Microsoft.ML;
using SafeMarl.ML;
using SafeMarl.Samples;
using Spectre.Console;

namespace SafeMarl.Cli;

/// <summary>Compares a policy's certificates with what happens in fresh episodes, and writes the policy with calibrated alarms.</summary>
internal static class CalibrateCommand
{
    public const string ModelFile = "calibrated.zip", PictureFile = "certificates.svg";

    public static int Calibrate(string path, string? task, string[] taskSet, CalibrationOptions options, string? model, string? picture)
    {
        var mlContext = new MLContext();
        StoredPolicy stored = StoredPolicy.Load(mlContext, path);
        IDataView environment = mlContext.SafeMarl().LoadFromEnvironment(stored.CreateTask(task, taskSet));
        CertificateCalibration calibration = mlContext.SafeMarl().CalibrateCertificates(stored.Policy, environment, options);

        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        (model, picture) = (model ?? Path.Combine(folder, ModelFile), picture ?? Path.Combine(folder, PictureFile));
        mlContext.Model.Save(calibration.Policy, environment.Schema, model);
        Chart.Write(picture, $"Certificates of {stored.Policy.Policy.Origin.Algorithm} on {stored.Policy.Policy.Origin.Environment}", [.. calibration.Fits.GroupBy(f => f.Cost).Select(PanelOf)]);
        Show(calibration, options);
        AnsiConsole.MarkupLine($"model with calibrated alarms: {Markup.Escape(model)}");
        AnsiConsole.MarkupLine($"what certificates said and what came: {Markup.Escape(picture)}");
        return 0;
    }

    private static ChartPanel PanelOf(IGrouping<string?, CertificateFit> fits) => new(
        $"{NameOf(fits.Key)}: what came", "what the certificate said",
        [.. fits.Select(f => new Curve(f.Agent, [.. f.Bins.Select(b => new CurvePoint(b.Predicted, b.Realized, b.Low, b.High))]))], Diagonal: true);

    private static string NameOf(string? cost) => cost is null ? "stability" : $"safety, {cost}";

    private static void Show(CertificateCalibration calibration, CalibrationOptions options)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("agent", "certificate", "said", "came", "RMS error", "correlation", "alarm below", "foreseen", "false alarms");
        foreach (CertificateFit fit in calibration.Fits)
        {
            string[] cells =
            [
                fit.Agent, NameOf(fit.Cost), $"{fit.MeanPredicted:0.###}", $"{fit.MeanRealized:0.###}", $"{fit.RootMeanSquareError:0.###}", $"{fit.Correlation:0.###}",
                .. fit.Alarm is { } alarm ? new[] { $"{alarm.Threshold:0.####}", $"{alarm.ForeseenRate:0.#%}", $"{alarm.FalseAlarmRate:0.#%}" } : ["-", "-", "-"],
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine(Markup.Escape($"{options.Episodes} fresh episodes, {(options.Deterministic ? "likeliest" : "drawn")} actions; means over {calibration.Fits[0].Steps:N0} steps."));
        foreach (CertificateFit fit in calibration.Fits.Where(f => f.Alarm is not null).DistinctBy(f => f.Alarm))
            AnsiConsole.MarkupLine(Markup.Escape($"{fit.Agent}, {fit.Alarm!.Cost}: {Promise(fit.Alarm)}"));
    }

    private static string Promise(AlarmThreshold alarm) => alarm.Rule == AlarmRule.BoundsMisses
        ? $"violations began in {alarm.ViolatingEpisodes} of {alarm.Episodes} episodes; in at most {alarm.Rate:0.#%} of such episodes one begins without an alarm in the {alarm.LeadSteps} steps before it."
        : $"violations began in {alarm.ViolatingEpisodes} of {alarm.Episodes} episodes, too few to learn from; an alarm comes in at most {alarm.Rate:0.#%} of the episodes without violations.";
}
