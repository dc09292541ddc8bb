using MiniMind.MLNet.Dpo.MpiProbe;
using MiniMind.MLNet.Dpo.Training.Distributed;

// scenario, timeout in seconds, what the scenario needs
MpiOptions options = new() { Timeout = TimeSpan.FromSeconds(double.Parse(args[1])), LargestCount = args[0] == "collectives-chunked" ? 1000 : int.MaxValue };
using MpiCommunicator communicator = new(options);
DistributedGuard.Run(communicator, () =>
{
    switch (args[0])
    {
        case "collectives" or "collectives-chunked":
            CollectiveScenario.Run(communicator);
            break;
        case "training" or "training-spoilt":
            TrainingScenario.Run(communicator, args[2], args[3], spoilt: args[0] == "training-spoilt");
            break;
        case "training-kept":
            int failing = int.Parse(args[5]);
            ICommunicator connection = failing > 0 && communicator.Rank == 1 ? new FailingRank(communicator, failing, () => FailureScenario.Fail(args[6]))
                : communicator;
            TrainingScenario.RunKept(connection, args[2], args[3], args[4]);
            break;
        case "watched":
            WatchedScenario.Run(communicator, args[2]);
            break;
        case "cancelled":
            CancelledScenario.Run(communicator, args[2]);
            break;
        case "bandwidth":
            BandwidthScenario.Run(communicator);
            break;
        case "overlap":
            double megabytes = double.Parse(args[5]);
            OverlapScenario.Run(megabytes > 0 ? new SlowLink(communicator, megabytes * 1e6) : communicator, hiddenSize: int.Parse(args[2]),
                layers: int.Parse(args[3]), pairs: int.Parse(args[4]));
            break;
        default:
            FailureScenario.Run(communicator, args[0]);
            break;
    }
});
