using System.Diagnostics;
using MiniMind.MLNet.Dpo.Training.Distributed;
using MiniMind.MLNet.Dpo.Training.Distributed.Mpi;

namespace MiniMind.MLNet.Dpo.MpiProbe;

/// <summary>Rank 1 fails in one of the ways that ranks fail, while the others take step after step.</summary>
internal static class FailureScenario
{
    public static void Run(ICommunicator communicator, string scenario)
    {
        Console.WriteLine($"pid {Environment.ProcessId}");
        double[] loss = [1];
        for (int step = 0; ; step++)
        {
            communicator.AllReduce(loss, ReduceOperation.Max);
            if (communicator.Rank == 1 && step == 3)
                Fail(scenario);
        }
    }

    /// <summary>Fails in the given way.</summary>
    public static void Fail(string scenario)
    {
        switch (scenario)
        {
            case "dies":
                Process.GetCurrentProcess().Kill();
                break;
            case "orphaned":
                using (Process launcher = Process.GetProcessById(SystemLibrary.ParentProcess()))
                    launcher.Kill();
                break;
            case "throws":
                throw new InvalidDataException("dpo.jsonl:41: 'rejected' ends with role 'user'; the last message must be 'assistant'.");
            case "null":
                // a fault that .NET's signal handler turns into an exception
                Console.WriteLine(((string?)null)!.Length);
                break;
            case "thread":
                new Thread(() => throw new InvalidDataException("thrown by the thread that reads ahead")).Start();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "hangs":
                Thread.Sleep(Timeout.Infinite);
                break;
            case "freezes":
                using (Process stop = Process.Start("kill", ["-STOP", $"{Environment.ProcessId}"]))
                    stop.WaitForExit();
                break;
            case "exits":
                Environment.Exit(3);
                break;
            default:
                throw new ArgumentException($"The scenario '{scenario}' is unknown.", nameof(scenario));
        }
    }
}
