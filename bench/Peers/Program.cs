using MiniMind.MLNet.Dpo.Bench.Peers.Decoding;
using MiniMind.MLNet.Dpo.Bench.Peers.Training;

// Peers decode [--shape 256x6 --threads 1 --seconds 20 --peer none]
//     greedy decoding against llama.cpp (LLamaSharp), burst by burst in turn, and kernels against libtorch; both shapes and one and two threads by default
// Peers train [--peer stock|minimind ...]
//     training steps against MiniMind's own program, or its arithmetic on the same libtorch, step by step in turn
// Peers train-check GOLDENS
//     whether that arithmetic gives the losses that MiniMind gave
if (args.Length == 0 || args.Contains("--help"))
{
    Console.WriteLine($"decode [--shape 256x6 --threads 1 --seconds 20 --peer none]\n\n{TrainOptions.Help}");
    return 0;
}
switch (args[0])
{
    case "decode":
        return DecodeComparison.Run(args[1..]);
    case "train":
        return TrainComparison.Run(args[1..]);
    case "train-side":
        return StepServer.Run(args[1], args[2]);
    case "train-check":
        return GoldenCheck.Run(args.Length > 1 ? args[1] : "tests/goldens");
    default:
        Console.Error.WriteLine(
            $"'{string.Join(" ", args)}' is not known: decode [--shape 256x6 --threads 1 --seconds 20 --peer none].\n{TrainOptions.Help}");
        return 2;
}
