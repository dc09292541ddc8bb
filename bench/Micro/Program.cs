using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using MiniMind.MLNet.Dpo.Bench.Micro;
using MiniMind.MLNet.Dpo.Modeling.Native;
using Perfolizer.Horology;
using TorchSharp;

if (args.Contains("--help"))
{
    Console.WriteLine(MicroOptions.Help);
    return;
}
MicroOptions options = MicroOptions.Parse(args);
TorchNativeLibrary.EnsureLoaded();
torch.set_num_threads(options.Threads);
BenchInputs.Load(options);
long tokens = BenchInputs.Current.TokensOf([BenchInputs.WholeFile]);
Console.WriteLine(
    $"{BenchInputs.Current.Conversations.Count} conversations, {tokens} tokens; a batch is {BenchInputs.Current.Batch.Count} pairs of " +
    $"{BenchInputs.Current.TokensOf([BenchInputs.OneBatch])} tokens");

// In this process: a generated project would copy half a gigabyte of libtorch for every run, and would know nothing of the options and inputs above.
Job job = Job.Default.WithToolchain(InProcessEmitToolchain.Instance)
    .WithWarmupCount(2).WithIterationCount(8).WithIterationTime(TimeInterval.FromMilliseconds(200)).WithLaunchCount(1).WithUnrollFactor(1);
ManualConfig config = ManualConfig.CreateEmpty()
    .AddJob(job)
    .AddLogger(ConsoleLogger.Default)
    .AddColumnProvider(DefaultColumnProviders.Descriptor, DefaultColumnProviders.Params, DefaultColumnProviders.Statistics, DefaultColumnProviders.Metrics)
    .AddColumn(StatisticColumn.Min, new TokensPerSecondColumn())
    .AddExporter(MarkdownExporter.GitHub)
    .WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "artifacts"))
    .WithOptions(ConfigOptions.JoinSummary | ConfigOptions.DisableLogFile);
BenchmarkSwitcher.FromAssembly(typeof(BenchInputs).Assembly).Run([.. options.Rest], config);
