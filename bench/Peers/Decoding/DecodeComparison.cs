using System.Globalization;
using MiniMind.MLNet.Dpo.Modeling;

namespace MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

/// <summary>Greedy decoding of one sequence, ours and llama.cpp's in bursts that take turns, on a model of random weights.</summary>
internal static class DecodeComparison
{
    private const int Prompt = 16, Tokens = 8, Bursts = 48; // a sequence grows to 400 tokens, and begins anew
    private const int AnswerTokens = 300; // of a request

    private static readonly int[] s_prompts = [64, 512, 3000];

    public static int Run(ReadOnlySpan<string> arguments)
    {
        DecodeOptions options = DecodeOptions.Parse(arguments);
        string folder = Directory.CreateTempSubdirectory("peers").FullName;
        try
        {
            foreach ((int hidden, int layers) in options.Shapes)
            {
                ModelConfig config = new() { HiddenSize = hidden, LayerCount = layers };
                using PretrainedModel model = PretrainedModel.CreateRandom(config, Path.Combine(AppContext.BaseDirectory, "model"), seed: 1);
                Console.WriteLine(TokenOverhead.Of(model));
                foreach (int threads in options.Threads)
                {
                    if (options.WithLlama)
                        CompareWithLlama(model, folder, threads, options.Seconds);
                    CompareOwn(model, threads, options.Seconds);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        return 0;
    }

    private static string Shape(PretrainedModel model, int threads) =>
        string.Create(CultureInfo.InvariantCulture, $"{model.Config.HiddenSize}x{model.Config.LayerCount}, {threads} thread(s)");

    private static void CompareWithLlama(PretrainedModel model, string folder, int threads, double seconds)
    {
        string shape = Shape(model, threads);
        foreach ((string format, FrozenFormat weights, GgufType type) in new[]
        {
            ("fp32", FrozenFormat.Float32, GgufType.F32), ("16 bits", FrozenFormat.BFloat16, GgufType.F16), ("8 bits", FrozenFormat.Int8, GgufType.Q8_0),
        })
        {
            string path = Path.Combine(folder, $"{model.Config.HiddenSize}-{type}.gguf");
            if (!File.Exists(path))
                model.SaveGguf(path, type);
            using OwnDecoder own = new("ours", model, new DecodingOptions { Weights = weights }, threads);
            using LlamaDecoder llama = new("llama.cpp", path, threads);
            TurnTimes times = TurnTimes.Of(own, llama, Prompt, Tokens, Bursts, seconds);
            Console.WriteLine($"{shape}, {format}: {times}");
        }
    }

    private static void CompareOwn(PretrainedModel model, int threads, double seconds)
    {
        string shape = Shape(model, threads);
        using OwnDecoder kernels = new("kernels", model, new DecodingOptions(), threads);
        using OwnDecoder libtorch = new("libtorch", model, new DecodingOptions { UsesKernels = false }, threads);
        Console.WriteLine($"{shape}, fp32: {TurnTimes.Of(kernels, libtorch, Prompt, Tokens, Bursts, seconds / 2)}");
        using ClientDecoder client = new("chat client", model, new DecodingOptions(), threads);
        Console.WriteLine($"{shape}, fp32: {TurnTimes.Of(client, kernels, Prompt, AnswerTokens, 1, seconds / 2)}");
        Console.WriteLine($"{shape}, fp32, {ProcessorTimes.Of(client, kernels, Prompt, AnswerTokens)}");
        foreach (int prompt in s_prompts)
            Console.WriteLine($"{shape}, fp32, {PromptTimes.Of(kernels, libtorch, prompt)}");
    }
}
