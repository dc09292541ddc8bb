using System.Reflection;
using Microsoft.ML;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.LoadProbe;

if (args is ["--forecast", string tokenizer, string shape, string kind, string steps])
    return ForecastScenario.Run(tokenizer, [.. shape.Split(',').Select(int.Parse)], kind, int.Parse(steps));

if (args is ["--heap", string heapTokenizer, .. string[] interval])
    return HeapScenario.Run(heapTokenizer, interval.Length == 0 ? null : TimeSpan.Parse(interval[0]));

// a program that was compiled elsewhere, with what these tests run with
if (args is ["--program", string program])
    return Assembly.LoadFrom(program).EntryPoint!.Invoke(null, [Array.Empty<string>()]) is int exit ? exit : 0;

// arguments: --model FOLDER, --saved FILE, or --torch for an app that uses TorchSharp itself, after a type of the library that has nothing to do with it
try
{
    if (args is ["--torch"])
    {
        _ = new PreferencePair();
        TorchSharp.torch.ones(1).Dispose();
    }
    else if (args[0] == "--model")
    {
        PretrainedModel.Load(args[1]).Dispose();
    }
    else
    {
        _ = new MLContext().Model.Load(args[1], out _);
    }
    return 0;
}
catch (Exception failure) when (Missing(failure) is { } missing)
{
    Console.WriteLine(missing.Message);
    return 1;
}

// ML.NET wraps what goes wrong while it loads
static DllNotFoundException? Missing(Exception? failure)
{
    while (failure is not (null or DllNotFoundException))
        failure = failure.InnerException;
    return (DllNotFoundException?)failure;
}
