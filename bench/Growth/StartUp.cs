using System.Diagnostics;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;

namespace MiniMind.MLNet.Dpo.Bench.Growth;

/// <summary>A trainer's way to its first step, hidden 256 x 6: the process's start, model, file, preparation, check of the first batch, forecast.</summary>
/// <param name="Seconds">From the process's start to the moment before the first step.</param>
/// <param name="FitSeconds">Of these, from the call of Fit on.</param>
/// <param name="ResidentMegabytes">Resident at that moment, all included.</param>
/// <param name="ManagedMegabytes">Of these, the managed heap, garbage included.</param>
/// <param name="PeakMegabytes">The most that was resident until then.</param>
internal sealed record StartUp(double Seconds, double FitSeconds, double ResidentMegabytes, double ManagedMegabytes, double PeakMegabytes)
{
    public static StartUp Of(PairDemand demand)
    {
        MLContext context = new(seed: 1);
        using PretrainedModel model = PretrainedModel.CreateRandom(new ModelConfig { HiddenSize = 256, LayerCount = 6 }, demand.Tokenizer, seed: 1);
        torch.set_num_threads(demand.Threads);
        using CancellationTokenSource stop = new();
        StartUp? ready = null;
        long fit = Stopwatch.GetTimestamp();
        IDataView data = PairFile.Load(context, demand);
        IEstimator<ITransformer> pipeline = context.Transforms.PreparePreferencePairs(model).Append(context.Preferences.Trainers.Dpo(new DpoTrainer.Options
        {
            Model = model, CancellationToken = stop.Token,
            Forecast = new FirstForecast(() =>
            {
                double seconds = (DateTime.Now - Process.GetCurrentProcess().StartTime).TotalSeconds;
                ready ??= new StartUp(
                    seconds, Stopwatch.GetElapsedTime(fit).TotalSeconds, ResidentMemory.Now, GC.GetTotalMemory(forceFullCollection: false) / (double)(1 << 20),
                        ResidentMemory.Peak);
                stop.Cancel();
            }),
        }));
        try
        {
            pipeline.Fit(data);
        }
        catch (OperationCanceledException)
        {
            // as asked, once the first step was about to come
        }
        return ready!;
    }

    private sealed class FirstForecast(Action made) : IProgress<TrainingForecast>
    {
        public void Report(TrainingForecast value) => made();
    }
}
