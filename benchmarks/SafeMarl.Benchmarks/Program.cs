// dotnet run -c Release --project benchmarks/SafeMarl.Benchmarks [physics] [tasks] [training] [onpolicy] [offpolicy] [value] [memory] [skirmish]   whole runs and updates; all by default
// dotnet run -c Release --project benchmarks/SafeMarl.Benchmarks parts --filter '*'              parts, with BenchmarkDotNet
using BenchmarkDotNet.Running;
using SafeMarl.Benchmarks;

if (args is ["parts", .. var rest])
{
    BenchmarkSwitcher.FromAssembly(typeof(InferenceBenchmarks).Assembly).Run(rest);
    return 0;
}
Dictionary<string, Action> reports = new()
{
    ["physics"] = PhysicsReport.Print, ["tasks"] = TasksReport.Print, ["training"] = TrainingReport.Print, ["onpolicy"] = OnPolicyReport.Print, ["offpolicy"] = OffPolicyReport.Print,
    ["value"] = ValueFactorizationReport.Print, ["memory"] = MemoryReport.Print, ["skirmish"] = SkirmishReport.Print,
};
string[] chosen = args.Length > 0 ? args : [.. reports.Keys];
if (chosen.FirstOrDefault(name => !reports.ContainsKey(name)) is { } unknown)
{
    Console.Error.WriteLine($"There is no report '{unknown}'. The reports: {string.Join(", ", reports.Keys)}; or parts.");
    return 1;
}
foreach (string name in chosen)
    reports[name]();
return 0;
