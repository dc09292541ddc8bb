using System.Globalization;
using MiniMind.MLNet.Dpo;
using MiniMind.MLNet.Dpo.Bench.Serving;
using MiniMind.MLNet.Dpo.Modeling;
using TorchSharp;

// Serving [--shape 768x8 --users 8 --tokens 64 --rounds 3 --threads 2 --weights bf16 --kernels off]
//     tokens a second of one user and of several, in turn; the time to the first token of newcomers while the others stream; one who stops reading
try
{
    ServingBenchOptions options = ServingBenchOptions.Parse(args);
    torch.set_num_threads(options.Threads);
    using PretrainedModel model = PretrainedModel.CreateRandom(
        new ModelConfig { HiddenSize = options.Hidden, LayerCount = options.Layers }, Path.Combine(AppContext.BaseDirectory, "model"), seed: 1);
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{options.Hidden}x{options.Layers}, {options.Threads} thread(s), weights {options.Decoding.Weights?.ToString() ?? "as they are"}, kernels "
        + $"{(options.Kernels ? "where they fit" : "off")}, processors {Environment.ProcessorCount}"));
    await ServingMeasurement.ThroughputAsync(model, options);
    await ServingMeasurement.FirstTokensAsync(model, options);
    await ServingMeasurement.StoppedReaderAsync(model, options);
    return 0;
}
catch (Exception fault) when (fault is ArgumentException or FormatException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
