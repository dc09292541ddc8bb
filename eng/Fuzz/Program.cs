using SharpFuzz;

namespace MiniMind.MLNet.Dpo.Fuzz;

/// <summary>Runs one reader under AFL, on given files, or writes the inputs to start from.</summary>
internal static class Program
{
    private const string Usage =
        """
        Fuzz TARGET                 runs a reader under afl-fuzz (eng/fuzz.sh does this)
        Fuzz TARGET FILE...         runs a reader on files once, to see what a crash is
        Fuzz --targets              lists the readers
        Fuzz --seeds FOLDER         writes valid inputs for every reader into FOLDER/TARGET
        """;

    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["--targets"]:
                Console.WriteLine(string.Join('\n', Targets.All.Select(target => target.Name)));
                return 0;
            case ["--seeds", string folder]:
                Seeds.Write(folder);
                return 0;
            case [string name]:
                // nothing instrumented may run before: AFL's map is there within Run only, and the library has a module initializer
                Fuzzer.Run(stream => Targets.Find(name).Run(Bytes(stream)));
                return 0;
            case [string name, .. string[] files]:
                Target target = Targets.Find(name);
                foreach (string file in files)
                {
                    target.Run(File.ReadAllBytes(file));
                    Console.WriteLine($"{file}: read or refused");
                }
                return 0;
            default:
                Console.Error.WriteLine(Usage);
                return 2;
        }
    }

    private static byte[] Bytes(Stream stream)
    {
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
