using MiniMind.MLNet.Dpo.Tests.Infrastructure;
using MiniMind.MLNet.Dpo.Training.Distributed;

namespace MiniMind.MLNet.Dpo.Distributed.Tests;

public sealed class RankAgreementTests
{
    [Fact]
    public void Require_OneRankDiffers_EveryRankListsEachDifference()
    {
        string?[] errors = Check(3, rank => new() { ["Seed"] = "42", ["Epochs"] = rank == 2 ? "2" : "1", ["Pairs"] = rank == 2 ? "19" : "20" });

        errors.Should()
            .AllBeEquivalentTo("The ranks were given different work: Epochs is 1 on rank 0 and 2 on rank 2; Pairs is 20 on rank 0 and 19 on rank 2. " +
            "All ranks must train the same model on the same data with the same options.");
    }

    [Fact]
    public void Require_OneRankLacksAFact_SaysSo()
    {
        string?[] errors = Check(2, rank => rank == 0 ? new() { ["Seed"] = "42" } : []);

        errors.Should().AllSatisfy(error => error.Should().Contain("Seed is 42 on rank 0 and not known on rank 1"));
    }

    [Fact]
    public void Require_SameFacts_Passes() => Check(4, _ => new() { ["Seed"] = "42" }).Should().OnlyContain(error => error == null);

    private static string?[] Check(int ranks, Func<int, Dictionary<string, string>> facts) => SharedMemory.Run(ranks, communicator =>
    {
        try
        {
            RankAgreement.Require(communicator, facts(communicator.Rank));
            return null;
        }
        catch (InvalidOperationException error)
        {
            return error.Message;
        }
    });
}
