using MiniMind.MLNet.Dpo.MpiProbe;
using MiniMind.MLNet.Dpo.Training.Distributed;

// scenario, timeout in seconds
var options = new MpiOptions { Timeout = TimeSpan.FromSeconds(double.Parse(args[1])), LargestCount = args[0] == "collectives-chunked" ? 1000 : int.MaxValue };
using var communicator = new MpiCommunicator(options);
DistributedGuard.Run(communicator, () =>
{
    switch (args[0])
    {
        case "collectives" or "collectives-chunked":
            CollectiveScenario.Run(communicator);
            break;
        case "bandwidth":
            BandwidthScenario.Run(communicator);
            break;
        default:
            FailureScenario.Run(communicator, args[0]);
            break;
    }
});
