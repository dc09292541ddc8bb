using MiniMind.MLNet.Dpo.Bench.Peers.Decoding;

// Peers decode [--shape 256x6 --threads 1 --seconds 20 --peer none]
//     greedy decoding against llama.cpp (LLamaSharp), burst by burst in turn, and kernels against libtorch; both shapes and one and two threads by default
switch (args.Length == 0 ? "" : args[0])
{
    case "decode":
        return DecodeComparison.Run(args[1..]);
    default:
        Console.Error.WriteLine($"'{string.Join(" ", args)}' is not known: decode [--shape 256x6 --threads 1 --seconds 20 --peer none].");
        return 2;
}
