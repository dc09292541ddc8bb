using System.Runtime.InteropServices;
using MiniMind.MLNet.Dpo.CpuKernels;
using MiniMind.MLNet.Dpo.Modeling.Native;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.NativeProbe;

/// <summary>Multiplies by oneDNN while all threads of the process are sent signals that .NET handles, as a terminal does that is resized.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
internal static partial class SignalScenario
{
    private const int Resized = 28; // SIGWINCH
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(4);

    /// <summary>Prints how many products had other numbers than the first; a heap that was written over ends the process.</summary>
    public static int Run(int threads)
    {
        TorchNativeLibrary.EnsureLoaded();
        set_num_threads(threads);
        if (!OneDnnProduct.Pays)
        {
            Console.WriteLine("oneDNN does not pay on this processor");
            return 0;
        }
        int handled = 0, differing = 0, products = 0;
        using PosixSignalRegistration handler = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Interlocked.Increment(ref handled));
        using CancellationTokenSource stop = new(s_time);
        Thread sender = new(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                // one for the process, which its first thread takes if it may, and one for each thread
                foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
                    SendTo(Environment.ProcessId, int.Parse(Path.GetFileName(task)), Resized);
                Send(Environment.ProcessId, Resized);
            }
        });
        sender.Start();
        using (NewDisposeScope())
        using (no_grad())
        {
            // so many columns that the kernel takes its buffer from the heap
            Tensor input = randn(255, 448), weight = randn(128, 448), first = OneDnnProduct.Of(input, weight);
            while (!stop.IsCancellationRequested)
            {
                using Tensor product = OneDnnProduct.Of(input, weight);
                if (!product.equal(first).all().item<bool>())
                    differing++;
                products++;
            }
        }
        sender.Join();
        Console.WriteLine($"{differing} of the products differ; signals were handled: {handled > 0}; many products: {products > 100}");
        return 0;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Send(int process, int signal);

    [LibraryImport("libc", EntryPoint = "tgkill")]
    private static partial int SendTo(int process, int thread, int signal);
}
